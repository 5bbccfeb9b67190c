package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/emulator"
)

// emulatorFlags are the options of a tenant that can be given on the command line.
type emulatorFlags struct {
	listen    string
	asJSON    bool
	expiresIn int
	jwtCerts  []string
	faults    []string
	o         emulator.Options
}

func newEmulatorCmd(a *app) *cobra.Command {
	flags := emulatorFlags{}
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Run a Workfront tenant in memory, to try scripts against",
		Long: `Run a Workfront tenant in memory until it is interrupted: its sign-in and consent pages, its OAuth2 endpoints, and
its API, over made-up projects, tasks, issues, users, hours and what hangs together with them: searches and reports, changes
in bulk, actions, documents, event subscriptions. It listens on loopback addresses only, and everything is gone when it stops.
At /__emulator it shows what it was asked and who is logged in, takes faults, and ends sessions and logins, also for programs.`,
		Example: "  wfauth emulator\n  wfauth emulator --fault 429:every=5 --fault latency=200ms\n  wfauth emulator --listen 127.0.0.1:4711 --projects 1000 --rotate --json",
		Args:    atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flag("expires-in").Changed {
				flags.o.ExpiresIn = &flags.expiresIn
			}
			return a.emulate(cmd.Context(), flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.listen, "listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 is a free one")
	f.BoolVar(&flags.asJSON, "json", false, "print what is needed to use it as one line of JSON")
	f.Uint64Var(&flags.o.Seed, "seed", 0, "decides identifiers, secrets and data")
	f.IntVar(&flags.o.Projects, "projects", 250, "how many projects")
	f.IntVar(&flags.o.Tasks, "tasks", 0, "how many tasks in all (default: about eight a project)")
	f.IntVar(&flags.o.MaxRows, "max-rows", 0, "give at most this many rows at once, however many are asked for (0: no limit but $$LIMIT's own)")
	f.StringVar(&flags.o.BadRow, "bad-row", emulator.BadRowBatch, "what a bad row of a bulk request spoils: its whole `batch`, or itself alone")
	f.StringArrayVar(&flags.faults, "fault", nil, "let `FAULT` happen: "+emulator.RuleForms+" (again for more)")
	f.IntVar(&flags.o.Concurrent, "concurrent-limit", 0, "refuse (429) what comes while so many API requests are served (0: no limit)")
	f.BoolVar(&flags.o.Rotate, "rotate", false, "give a new refresh token at each refresh; using an old one revokes the login")
	f.DurationVar(&flags.o.SessionLife, "session-life", 8*time.Hour, "how long a session lives")
	f.IntVar(&flags.expiresIn, "expires-in", 0, "the `seconds` that token answers state, whatever the truth; negative leaves it out")
	f.StringArrayVar(&flags.o.RedirectURIs, "redirect-uri", nil, "register this redirect `URL` too")
	f.StringArrayVar(&flags.jwtCerts, "jwt-cert", nil, "accept assertions signed with the key of this certificate `FILE`")
	return cmd
}

// What a machine can hold in memory: ten million tasks take 3.5 GB, and a project brings about eight.
const (
	maxProjects = 1_000_000
	maxTasks    = 10_000_000
)

func (a *app) emulate(ctx context.Context, flags emulatorFlags) error {
	for _, number := range [...]struct {
		flag               string
		given, least, most int
	}{
		{"projects", flags.o.Projects, 1, maxProjects}, {"tasks", flags.o.Tasks, 0, maxTasks},
		{"max-rows", flags.o.MaxRows, 0, math.MaxInt}, {"concurrent-limit", flags.o.Concurrent, 0, math.MaxInt},
	} {
		switch {
		case number.given < number.least:
			return usagef("wfauth emulator --help", "--%s %d: it is %d or more", number.flag, number.given, number.least)
		case number.given > number.most:
			return usagef("wfauth emulator --help", "--%s %d: it is %d at most", number.flag, number.given, number.most)
		}
	}
	if flags.o.SessionLife <= 0 {
		return usagef("wfauth emulator --session-life 30s", "--session-life %v: it is more than nothing", flags.o.SessionLife)
	}
	if flags.o.BadRow != emulator.BadRowBatch && flags.o.BadRow != emulator.BadRowAlone {
		return usagef("wfauth emulator --bad-row alone", "--bad-row %s: %s or %s is wanted", flags.o.BadRow, emulator.BadRowBatch, emulator.BadRowAlone)
	}
	rules := make([]emulator.Rule, len(flags.faults))
	for i, text := range flags.faults {
		rule, err := emulator.ParseRule(text)
		if err != nil {
			return usagef("wfauth emulator --fault 429:every=5", "--fault %s: %v; it can be %s", text, err, emulator.RuleForms)
		}
		rules[i] = rule
	}
	for _, path := range flags.jwtCerts {
		text, err := os.ReadFile(path)
		if err != nil {
			return usagef("", "--jwt-cert: %v", err)
		}
		key, err := emulator.ParseJWTKey(text)
		if err != nil {
			return usagef("wfauth keygen --out DIR", "--jwt-cert %s: %v", path, err)
		}
		flags.o.JWTKeys = append(flags.o.JWTKeys, key)
	}
	listener, err := listenLoopback(ctx, "emulator", flags.listen)
	if err != nil {
		return err
	}
	running := startTenant(listener, flags.o)
	for _, rule := range rules {
		running.AddRule(rule)
	}
	defer running.stop()
	if err := running.describe(a.env.Stdout, flags.asJSON); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-running.failed:
		return err
	}
}

// tenant is an emulator that is being served.
type tenant struct {
	*emulator.Tenant
	url    string
	server *http.Server
	failed chan error
}

func startTenant(listener net.Listener, o emulator.Options) *tenant {
	t := &tenant{Tenant: emulator.New(o), url: "http://" + listener.Addr().String(), failed: make(chan error, 1)}
	t.SetOrigin(t.url)
	t.server = &http.Server{Handler: t.Tenant, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { t.failed <- t.server.Serve(listener) }() // ends with stop
	return t
}

func (t *tenant) stop() {
	_ = t.server.Close()
	_ = t.Close() // what was uploaded goes with it
}

// The one line of emulator --json.
type (
	emulatorInfo struct {
		URL       string           `json:"url"`
		Clients   []emulatorClient `json:"clients"`
		Users     []emulatorUser   `json:"users"`
		SessionID string           `json:"session_id"`
	}
	emulatorClient struct {
		ClientID     string   `json:"client_id"`
		ClientSecret string   `json:"client_secret"`
		Type         string   `json:"type"`
		RedirectURIs []string `json:"redirect_uris"`
		CustomerID   string   `json:"customer_id,omitempty"`
		UserID       string   `json:"user_id,omitempty"`
		IMSURL       string   `json:"ims_url,omitempty"`
		IMSOrg       string   `json:"ims_org,omitempty"`
		Scopes       string   `json:"scopes,omitempty"`
	}
	emulatorUser struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
)

func (t *tenant) info() emulatorInfo {
	info := emulatorInfo{URL: t.url, SessionID: t.NewSession("")}
	for _, c := range t.Clients() {
		uris := c.RedirectURIs
		if uris == nil {
			uris = []string{}
		}
		one := emulatorClient{c.ID, c.Secret, c.Type, uris, c.CustomerID, c.UserID, "", c.Org, strings.Join(c.Scopes, ",")}
		if c.Type == emulator.ServerToServer {
			one.IMSURL = t.url
		}
		info.Clients = append(info.Clients, one)
	}
	for _, u := range t.Users() {
		info.Users = append(info.Users, emulatorUser{u.Username, u.Password})
	}
	return info
}

func (t *tenant) describe(w io.Writer, asJSON bool) error {
	info := t.info()
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(info)
	}
	var err error
	print := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format, args...)
		}
	}
	print("Workfront emulator: %s\nWhat it is asked, and faults to set: %[1]s/__emulator\n\n", info.URL)
	for _, c := range info.Clients {
		print("%s\n  client ID      %s\n", c.Type, c.ClientID)
		if c.ClientSecret != "" {
			print("  client secret  %s\n", c.ClientSecret)
		}
		if c.CustomerID != "" {
			print("  customer ID    %s\n  user ID        %s\n", c.CustomerID, c.UserID)
		}
		if c.IMSURL != "" {
			print("  IMS URL        %s\n  organisation   %s\n  scopes         %s\n", c.IMSURL, c.IMSOrg, c.Scopes)
		}
		for _, uri := range c.RedirectURIs {
			print("  redirect URL   %s\n", uri)
		}
		print("\n")
	}
	person := info.Users[0]
	print("Sign in as %s with the password %s\n\nTry:\n", person.Username, person.Password)
	for _, c := range info.Clients {
		switch {
		case c.ClientSecret == "":
			print("  wfauth login %s --client-id %s\n", info.URL, c.ClientID)
		case c.IMSURL != "":
			print("  echo %s | wfauth login %s --profile robot --flow ims --ims-url %s --ims-org %s --client-id %s --client-secret-stdin\n", c.ClientSecret, info.URL, c.IMSURL, c.IMSOrg, c.ClientID)
		}
	}
	print("  wfauth api proj/search --fields name,status,owner:name --paginate -o table\n")
	print("  WFAUTH_HOST=%s WFAUTH_SESSION_ID=%s wfauth api proj/count\n", info.URL, info.SessionID)
	print("  curl -H 'sessionID: %s' %s/attask/api/v22.0/proj/count\n", info.SessionID, info.URL)
	print("\nCtrl-C stops it.\n")
	return err
}
