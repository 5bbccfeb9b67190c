package internal_test

import (
	"bufio"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets this test binary be the $BROWSER of the documents' commands.
func TestMain(m *testing.M) {
	if person := os.Getenv("WFAUTH_TEST_BROWSER"); person != "" {
		if err := signIn(os.Args[1], person); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// build makes the program as it is released.
func build(t *testing.T, folder string) (wfauth string) {
	t.Helper()
	wfauth = filepath.Join(folder, "wfauth")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", wfauth, "../cmd/wfauth")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return wfauth
}

type emulated struct {
	URL       string `json:"url"`
	SessionID string `json:"session_id"`
	Clients   []application
	Users     []struct{ Username, Password string }

	Web, Public, Robot application
}

type application struct {
	ID         string `json:"client_id"`
	Secret     string `json:"client_secret"`
	CustomerID string `json:"customer_id"`
	UserID     string `json:"user_id"`
	Org        string `json:"ims_org"`
	Type       string
}

func startEmulator(t *testing.T, wfauth string, flags ...string) (e emulated) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, wfauth, append([]string{"emulator", "--json"}, flags...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // says that it was killed
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &e)
	}
	if err != nil {
		t.Fatalf("wfauth emulator --json: %v", err)
	}
	for _, a := range e.Clients {
		switch a.Type {
		case "Web Application":
			e.Web = a
		case "Single Page Web Application":
			e.Public = a
		case "Machine to Machine":
			e.Robot = a
		}
	}
	return e
}

// signIn does what a person does with the emulator's pages: name and password, then consent.
func signIn(address, person string) error {
	username, password, _ := strings.Cut(person, " ")
	jar, _ := cookiejar.New(nil) // never fails without a suffix list
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	resp, err := client.Get(address)
	if err == nil {
		address = resp.Request.URL.String() // that of a launcher leads to another
	}
	for _, answer := range []url.Values{{"username": {username}, "password": {password}}, {"allow": {"yes"}}} {
		if err != nil {
			return err
		}
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(page), `name="csrf" value="`)
		token, _, _ := strings.Cut(rest, `"`)
		answer.Set("csrf", html.UnescapeString(token))
		if resp, err = client.PostForm(address, answer); err != nil {
			return err
		}
	}
	return resp.Body.Close()
}
