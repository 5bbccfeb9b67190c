package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/gateway"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// proxyFlags are a gateway as the command line says it.
type proxyFlags struct {
	listen      string
	keyFile     string
	writing     bool
	concurrency int
	asJSON      bool
	waits       waitFlags
}

const defaultTurns = 4

func newProxyCmd(a *app) *cobra.Command {
	var flags proxyFlags
	cmd := &cobra.Command{
		Use:   "proxy",
		Short: "Serve the tenant on this machine, for programs that cannot log in",
		Long: `Serve the profile's tenant on a loopback address, with the session added, until it is interrupted: for Excel, Power BI, Postman,
notebooks and any HTTP library.

Who knows the key may call: it is the first part of the path, or the password of Basic with any name. It is a new one at each start,
or the one in the file of --key-file, which is made if there is none. Web pages may not, whatever they know. Only what reads may pass,
unless --allow-writes says otherwise.

Below /attask/ Workfront answers, as with wfauth api. /rows/OBJECT.csv, .ndjson and .json are whole lists, each row that is there
throughout once: with fields=a,b, with filters as those of wfauth OBJECT search (name~road, escaped as in any address), Workfront's own
parameters, and dates=iso. If such an answer cannot be brought to its end, the connection breaks.`,
		Example: `  wfauth proxy
  wfauth proxy --listen 127.0.0.1:4712 --key-file ~/.wfauth-proxy-key
  wfauth proxy --json --allow-writes --concurrency 2`,
		Args: atMostArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.proxy(cmd, flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.listen, "listen", "127.0.0.1:0", "loopback `address` to listen on; port 0 is a free one")
	f.StringVar(&flags.keyFile, "key-file", "", "keep the key in `FILE`, so that addresses stay the same")
	f.BoolVar(&flags.writing, "allow-writes", false, "let what changes something pass, too")
	f.IntVar(&flags.concurrency, "concurrency", defaultTurns, "have at most `N` requests at Workfront at once; the others wait")
	f.BoolVar(&flags.asJSON, "json", false, "print url, key, host and profile as one line of JSON")
	f.DurationVar(&flags.waits.patience, "patience", workfront.DefaultPatience, patienceUsage)
	return cmd
}

func (a *app) proxy(cmd *cobra.Command, flags proxyFlags) error {
	if err := flags.waits.check(cmd); err != nil {
		return err
	}
	if err := checkCounts(cmd, count{"concurrency", flags.concurrency, 0}); err != nil {
		return err
	}
	ctx := cmd.Context()
	s, err := a.settings(cmd)
	if err != nil {
		return err
	}
	key, err := a.proxyKey(cmd, flags.keyFile)
	if err != nil {
		return err
	}
	listener, err := listenLoopback(ctx, "proxy", flags.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	p, err := a.newProxying(ctx, s, flags)
	if err != nil {
		return err
	}
	// Whoever has to be asked for a passphrase is asked now, and a login that is needed is told before anybody calls.
	if _, err := p.client.Credentials.Header(ctx); err != nil {
		return err
	}
	if err := a.sayProxy(s, listener.Addr(), key, flags.asJSON); err != nil {
		return err
	}
	return gateway.Serve(ctx, listener, gateway.Config{
		Key: key, Writing: flags.writing,
		Send: p.send, List: p.list, Secrets: p.sessions.secrets, Done: p.done,
		Keep: func(r io.Reader) (io.ReaderAt, int64, func(), error) { return workfront.Spool("", r) },
	})
}

// proxyKey is a new key, or the one of a file.
func (a *app) proxyKey(cmd *cobra.Command, file string) (key string, err error) {
	if !cmd.Flag("key-file").Changed {
		key = gateway.NewKey()
	} else {
		var text string
		if text, err = gateway.KeyFile(file); err == nil {
			if key, err = gateway.ParseKey(config.Line(text)); err != nil {
				err = fmt.Errorf("the key in %s: %w", file, err)
			}
		}
	}
	if err != nil {
		return "", usagef("wfauth proxy --help", "--key-file: %v", err)
	}
	a.secrets.Add(key)
	return key, nil
}

// sayProxy prints what is needed to use the gateway.
func (a *app) sayProxy(s *config.Settings, address net.Addr, key string, asJSON bool) error {
	url := "http://" + address.String() + "/" + key
	if asJSON {
		enc := json.NewEncoder(a.env.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			URL     string  `json:"url"`
			Key     string  `json:"key"`
			Host    string  `json:"host"`
			Profile *string `json:"profile"`
		}{url, key, s.Host.String(), orNull(s.Name)})
	}
	const list = "/rows/task.csv?fields=ID,name,project:name"
	_, err := fmt.Fprintf(a.env.Stdout, "%s\n\ncurl:   curl -sf '%s'\nExcel:  Data > From Web, and this address:\n        %s\n\n%s is served, until Ctrl-C.\n",
		url, url+list, url+list, s.Host.String())
	return err
}

// done is --debug for what callers ask.
func (p *proxying) done(e gateway.Exchange) {
	if !p.debug {
		return
	}
	outcome := fmt.Sprintf("%d, %d bytes", e.Status, e.Bytes)
	if e.Status == 0 {
		outcome = "no answer"
	}
	if e.Why != "" {
		outcome += ": " + e.Why
	}
	fmt.Fprintf(p.stderr(), "wfauth: debug: gateway: %s %s: %s, %d ms\n", p.printable(e.Method), terminal.Line(e.Path), p.printable(outcome), e.Took.Milliseconds())
}

// told is an error as a caller of the gateway is told it.
func (p *proxying) told(err error) error {
	if _, ok := errors.AsType[*gateway.Error](err); ok {
		return err
	}
	tell := func(status int, class string, format string, args ...any) error {
		return &gateway.Error{Status: status, Class: p.printable(class), Message: p.printable(fmt.Sprintf(format, args...))}
	}
	refusal, refused := errors.AsType[*workfront.Refusal](err)
	failure, failed := errors.AsType[*workfront.Failure](err)
	_, wrong := errors.AsType[*workfront.UsageError](err)
	switch _, hint := p.classify(err); {
	case refused && !refusal.SessionGone:
		return tell(max(refusal.Status, http.StatusBadRequest), refusal.Class, "%s", refusal.Message)
	case failed && failure.Status != http.StatusProxyAuthRequired && failure.Status != http.StatusForbidden:
		return tell(max(failure.Status, http.StatusTooManyRequests), "", "%v", err)
	case wrong:
		return tell(http.StatusBadRequest, "", "%v", err)
	case hint != "":
		return tell(http.StatusBadGateway, "", "%v; hint: %s", err, hint)
	}
	return tell(http.StatusBadGateway, "", "%v", err)
}
