package secrets

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"
)

// TestMain lets the test binary be the other process of a test, see child.
// A goroutine that is left at the end fails the run: a store that hangs must
// not keep anything.
func TestMain(m *testing.M) {
	if role := os.Getenv("WFAUTH_TEST_ROLE"); role != "" {
		os.Exit(play(role))
	}
	code := m.Run()
	left := goleak.Find() // looks for half a second, which is little on a busy machine
	for until := time.Now().Add(time.Minute); left != nil && time.Now().Before(until); left = goleak.Find() {
	}
	if left != nil && code == 0 {
		fmt.Fprintln(os.Stderr, left)
		code = 1
	}
	os.Exit(code)
}

// play is what a child does.
func play(role string) int {
	ctx := context.Background()
	stdin := func() { _, _ = io.Copy(io.Discard, os.Stdin) }
	if role == "go-keyring" {
		if err := playGoKeyring(stdin); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	var s setting
	if err := json.Unmarshal([]byte(os.Getenv("WFAUTH_TEST_SETTING")), &s); err != nil {
		return 1
	}
	i := s.open()
	if role == "give up" { // and live on
		i.locker.(*fileLock).patience = 50 * time.Millisecond
		if _, err := i.Lock(ctx); err != nil {
			fmt.Println("gave up")
		}
		stdin()
		return 0
	}
	if playSystem(role, i) {
		return 0
	}
	release, err := i.Lock(ctx)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	switch role {
	case "hold": // the lock, until stdin ends
		fmt.Println("locked")
		stdin()
		release()
	case "count": // n, n+1, … from what is stored, for ever
		for {
			payload, err := i.Load(ctx)
			if err != nil {
				fmt.Println(err)
				return 1
			}
			n := number(payload) + 1
			if err := i.Save(ctx, fmt.Appendf(nil, `{"n":%d}`, n)); err != nil {
				fmt.Println(err)
				return 1
			}
			fmt.Println(n)
		}
	}
	return 0
}

// playGoKeyring reads, replaces and deletes the item as go-keyring would.
func playGoKeyring(wait func()) error {
	const account = "acme@acme.my.workfront.com"
	value, err := keyring.Get(keyringService, account)
	if err != nil {
		return err
	}
	os.Stdout.WriteString(value + "\n")
	if err := keyring.Set(keyringService, account, strings.Replace(value, "wfauth", "go-keyring", 1)); err != nil {
		return err
	}
	os.Stdout.WriteString("replaced\n")
	wait()
	if err := keyring.Delete(keyringService, account); err != nil {
		return err
	}
	os.Stdout.WriteString("deleted\n")
	return nil
}
