package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/emulator"
	"github.com/wfauth/wfauth/internal/network/porttest"
	"github.com/wfauth/wfauth/internal/secrets"
	"github.com/wfauth/wfauth/internal/secrets/secrettest"
)

// TestMain lets scripts run this test binary as the programs they name: wfauth itself, and the desktop's opener, which
// here signs in and presses the button that BUTTON names.
func TestMain(m *testing.M) {
	testscript.Main(setting{m}, map[string]func(){
		"wfauth": func() {
			os.Exit(Main(func(env *Env) {
				env.PassphraseWork = 4 // the usual one was two thirds of what this package's tests cost
				env.StoreDeadline = time.Minute
				if deadline, err := time.ParseDuration(os.Getenv(usualDeadline)); err == nil {
					env.StoreDeadline = deadline
				}
			}))
		},
		"xdg-open": func() {
			button := os.Getenv("BUTTON")
			if button == "" {
				button = "allow"
			}
			user := emulatorUser{os.Getenv("PERSON"), os.Getenv("PASSWORD")}
			if err := playBrowser(context.Background(), os.Args[1], user, button); err != nil {
				os.Exit(1)
			}
		},
	})
}

// usualDeadline is the variable for tests of a store that does not answer: how long a store may take. In all others a busy machine has
// time, where this test binary is the program.
const usualDeadline = "WFAUTH_TEST_DEADLINE"

// setting is where the tests run. Six do at once if nobody says otherwise: nearly all the time they wait, for a process or
// for a deadline. The port of the default redirect is taken, as it may be on anyone's machine: what needs it fails on all. And a
// hangup that is ignored here, as by nohup, would be by every process that a test starts.
type setting struct{ *testing.M }

func (m setting) Run() int {
	if signal.Ignored(syscall.SIGHUP) {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // what is caught is not inherited
	}
	if err := flag.Set("test.parallel", "6"); err != nil { // before the command line is read
		panic(err)
	}
	if u, err := url.Parse(config.DefaultRedirectURI); err == nil {
		if l, err := net.Listen("tcp", u.Host); err == nil { // or else another program has it
			defer l.Close()
		}
	}
	if folder := os.Getenv("GOCOVERDIR"); folder != "" {
		if err := startCounting("wfauth", folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.M.Run()
}

// startCounting lets a program that counts what it runs of itself do so once while no other does: those that are the first to write
// into a folder, in the same moment, may take each other's file away, and say so on stderr, where a test sees it.
func startCounting(program, folder string) error {
	cmd := exec.Command(program, "version")
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s version: %w\n%s", program, err, out)
	}
	return nil
}

// The binary, command by command, against a tenant of its own for each script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { scriptTenant(env); return nil },
		Condition: func(name string) (bool, error) {
			if name != "kernelkeyring" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return kernelKeyring() == nil, nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  exits,
			"expire": func(ts *testscript.TestScript, _ bool, _ []string) { tenantOf(ts).ExpireSessions() },
			"revoke": func(ts *testscript.TestScript, _ bool, _ []string) { tenantOf(ts).RevokeAll() },
			"counts": counts,
			"trust": func(ts *testscript.TestScript, _ bool, args []string) {
				key, err := emulator.ParseJWTKey([]byte(ts.ReadFile(args[0])))
				ts.Check(err)
				tenantOf(ts).RegisterJWTKey(key)
			},
			"fail": func(ts *testscript.TestScript, _ bool, args []string) {
				n, err := strconv.Atoi(args[2])
				ts.Check(err)
				tenantOf(ts).FailNext(args[0], emulator.Fault(args[1]), n)
			},
			"uploaded": uploaded,
			"perm": func(ts *testscript.TestScript, _ bool, args []string) {
				fi, err := os.Stat(ts.MkAbs(args[1]))
				ts.Check(err)
				if got := fmt.Sprintf("%o", fi.Mode().Perm()); got != args[0] {
					ts.Fatalf("%s has mode %s, not %s", args[1], got, args[0])
				}
			},
		},
	})
}

type tenantKey struct{}

func tenantOf(ts *testscript.TestScript) *emulator.Tenant {
	return ts.Value(tenantKey{}).(*emulator.Tenant)
}

// scriptTenant gives a script a tenant, an empty home, a free redirect port, and no keyring unless its name asks for
// one. With a sealed file for a store, every script but those runs on every machine.
func scriptTenant(env *testscript.Env) {
	t := env.T().(testing.TB)
	redirect := "http://127.0.0.1:" + porttest.Free(t) + "/callback"
	tenant := emulator.New(emulator.Options{Projects: 20, Rotate: true, RequireLength: strings.Contains(env.WorkDir, "upload"), RedirectURIs: []string{redirect}})
	server := httptest.NewServer(tenant)
	env.Defer(server.Close)
	tenant.SetOrigin(server.URL)
	env.Values[tenantKey{}] = tenant
	for _, c := range tenant.Clients() {
		switch c.Type {
		case emulator.SinglePage:
			env.Setenv("CLIENT", c.ID)
		case emulator.WebApplication:
			env.Setenv("WEB_CLIENT", c.ID)
			env.Setenv("WEB_SECRET", c.Secret)
		case emulator.MachineToMachine:
			env.Setenv("JWT_CLIENT", c.ID)
			env.Setenv("JWT_SECRET", c.Secret)
			env.Setenv("CUSTOMER", c.CustomerID)
			env.Setenv("USER_ID", c.UserID)
		case emulator.ServerToServer:
			env.Setenv("IMS_CLIENT", c.ID)
			env.Setenv("IMS_SECRET", c.Secret)
			env.Setenv("ORG", c.Org)
		}
	}
	user := tenant.Users()[0]
	for name, value := range map[string]string{
		"DEAD": "http://" + porttest.Refusing(t), "URL": server.URL, "ADDR": strings.TrimPrefix(server.URL, "http://"), "SESSION": tenant.NewSession(""),
		"PERSON": user.Username, "PASSWORD": user.Password, "BROWSER": "", "DISPLAY": "",
		"HOME": env.WorkDir, "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "XDG_CACHE_HOME": "",
		"DBUS_SESSION_BUS_ADDRESS": "", "XDG_RUNTIME_DIR": env.WorkDir,
		"WFAUTH_REDIRECT_URI": redirect, "WFAUTH_STORAGE": "file", "WFAUTH_PASSPHRASE": "CANARY-passphrase",
		"SSH_CONNECTION": "", "GORACE": raceless,
	} {
		env.Setenv(name, value)
	}
	if strings.Contains(env.WorkDir, "keyring") {
		env.Setenv("WFAUTH_STORAGE", "")
		session := secrettest.Keyring(t)
		session.Supervise(t) // gnome-keyring ends by itself now and then
		for _, pair := range session.Env {
			name, value, _ := strings.Cut(pair, "=")
			if name != "HOME" {
				env.Setenv(name, value)
			}
		}
	}
}

// kernelKeyring says why sealed files cannot be unlocked here.
func kernelKeyring() error {
	_, err := secrets.OpenSeal(secrets.Options{Account: "test"}).Until()
	return err
}

// exits runs a command and wants its exit status: exits 4 wfauth token.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, not %d", got, want)
	}
	for _, problem := range hintProblems(ts.ReadFile("stderr")) {
		ts.Fatalf("%s", problem)
	}
}

// uploaded wants the last file that was uploaded to have a name and the bytes of a file: uploaded brief.pdf brief.pdf.
func uploaded(ts *testscript.TestScript, _ bool, args []string) {
	all := tenantOf(ts).Uploads()
	if len(all) == 0 {
		ts.Fatalf("nothing was uploaded")
	}
	sum := sha256.Sum256([]byte(ts.ReadFile(args[1])))
	if last := all[len(all)-1]; last.Name != args[0] || last.SHA256 != hex.EncodeToString(sum[:]) {
		ts.Fatalf("the last upload is %+v", last)
	}
}

// counts wants the number of token requests: counts refresh 1.
func counts(ts *testscript.TestScript, _ bool, args []string) {
	c := tenantOf(ts).Counts()
	got := map[string]int{"code": c.Code, "refresh": c.Refresh, "api": c.API, "reused": c.Reused, "ims": c.IMS, "revoked": c.Revoked}[args[0]]
	if want, err := strconv.Atoi(args[1]); err != nil || got != want {
		ts.Fatalf("%d requests of the kind %s, not %s", got, args[0], args[1])
	}
}
