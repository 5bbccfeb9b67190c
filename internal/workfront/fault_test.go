package workfront

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
)

// worded is an error of a transport that has words for it.
type worded struct {
	error
	final bool
}

func (w worded) Final() bool   { return w.final }
func (w worded) Unwrap() error { return w.error }

// The transport's words are the ones, and it knows whether another try can help.
func TestFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		text   string
		final  bool
		burden burden
	}{
		{worded{errors.New("connect to acme:\nits certificate ended"), true}, "connect to acme: its certificate ended", true, light},
		{worded{io.EOF, false}, "EOF", false, doubtful},
		{fmt.Errorf("wrapped: %w", worded{os.ErrDeadlineExceeded, false}), "i/o timeout", false, heavy},
		{syscall.ECONNRESET, "talk to acme.my.workfront.com: connection reset by peer", false, doubtful},
		{os.ErrDeadlineExceeded, "talk to acme.my.workfront.com: i/o timeout", false, heavy},
		{errors.New("something\nelse"), "talk to acme.my.workfront.com: something else", false, light},
	} {
		f := asFault("acme.my.workfront.com", c.err)
		if f.Error() != c.text || f.final != c.final || f.burden != c.burden || !errors.Is(f, c.err) {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}

// What the transport knows to be final is met once.
func TestFinalFault(t *testing.T) {
	t.Parallel()
	for final, want := range map[bool]int{true: 1, false: 1 + maxRepeats} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			c := memory(t, func(*http.Request) (*http.Response, error) {
				requests++
				return nil, worded{errors.New("the proxy refuses it"), final}
			})
			if _, err := c.Do(t.Context(), Request{Path: "proj"}); err == nil || err.Error() != "the proxy refuses it" || requests != want {
				t.Errorf("final %v: %v after %d requests", final, err, requests)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	ctx, stop := context.WithCancelCause(t.Context())
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		stop(interrupted)
		<-r.Context().Done()
	})
	if r, err := c.Do(ctx, Request{Path: "proj"}); r != nil || err != interrupted {
		t.Errorf("%v", err)
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	in := "https://u:canary@h/p%2Fq?sessionID=canary&a=1&API%4Bey=canary&%24%24LIMIT=2&X-Amz-Signature=canary&code=canary&refresh_token=canary&client_secret=canary&userPassword_Mod=canary&flag&token"
	want := "https://h/p%2Fq?sessionID=***&a=1&API%4Bey=***&%24%24LIMIT=2&X-Amz-Signature=***&code=***&refresh_token=***&client_secret=***&userPassword_Mod=***&flag&token"
	if got := redacted(parse(t, in)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := redacted(parse(t, "https://h/?%zz=canary")); got != "https://h/?%zz=***" {
		t.Errorf("got %s", got)
	}
}
