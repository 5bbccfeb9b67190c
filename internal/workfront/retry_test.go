package workfront

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// cutBody breaks off after some bytes.
type cutBody struct{ io.Reader }

func (cutBody) Close() error { return nil }
func (c cutBody) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func cut() *http.Response {
	r := reply(200, `{"data":[{"ID":`)
	r.ContentLength, r.Body = -1, cutBody{r.Body}
	return r
}

// TestRepeats sends requests of every kind into faults of every kind, as often as they are sent in vain, and counts.
func TestRepeats(t *testing.T) {
	t.Parallel()
	faults := map[string]func() (*http.Response, error){
		"connection reset":  func() (*http.Response, error) { return nil, syscall.ECONNRESET },
		"connection closed": func() (*http.Response, error) { return nil, io.EOF },
		"dial":              func() (*http.Response, error) { return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED} },
		"cut":               func() (*http.Response, error) { return cut(), nil },
		"cut, length known": func() (*http.Response, error) {
			r := reply(200, `{"data":[]}`) // whole to JSON, but not to HTTP
			r.ContentLength++
			return r, nil
		},
		"cut, length not known": func() (*http.Response, error) {
			r := reply(200, `{"data":[`)
			r.ContentLength = -1
			return r, nil
		},
		"cut gzip": func() (*http.Response, error) {
			return reply(200, "\x1f\x8b\x08\x00\x00\x00", "Content-Encoding", "gzip"), nil
		},
		"HTML for JSON": func() (*http.Response, error) {
			return reply(200, "<html><title>Maintenance", "Content-Type", "text/html"), nil
		},
		"damaged gzip": func() (*http.Response, error) {
			return reply(200, "\x1f\x8bnonsense", "Content-Encoding", "gzip"), nil
		},
		"407": func() (*http.Response, error) { return reply(407, "<html>"), nil },
		"proxy's 403": func() (*http.Response, error) {
			return reply(403, "<html>", "X-Squid-Error", "ERR_ACCESS_DENIED 0"), nil
		},
		"429": func() (*http.Response, error) { return reply(429, ""), nil },
		"502": func() (*http.Response, error) { return reply(502, "<html>"), nil },
		"503": func() (*http.Response, error) { return reply(503, `{"error":{"message":"busy"}}`), nil },
		"504": func() (*http.Response, error) { return reply(504, ""), nil },
		"500": func() (*http.Response, error) { return reply(500, ""), nil },
		"404": func() (*http.Response, error) { return reply(404, ""), nil },
		"no such host": func() (*http.Response, error) {
			return nil, worded{&net.DNSError{IsNotFound: true}, true}
		},
	}
	requests := map[string]func() Request{
		"read":      func() Request { return Request{Path: "proj/search"} },
		"long read": func() Request { return Request{Path: "proj/search?name=" + strings.Repeat("x", maxURI)} },
		"POST":      func() Request { return Request{Path: "proj", Method: "POST", Fields: []Field{{"name", "x"}}} },
		"file":      func() Request { return Request{Path: "proj", Input: strings.NewReader("{}")} },
		"pipe":      func() Request { return Request{Path: "proj", Input: io.MultiReader(strings.NewReader("{}"))} },
		"method=":   func() Request { return Request{Path: "proj/1?method=delete"} },
		"action=":   func() Request { return Request{Path: "proj/1", Fields: []Field{{"action", "x"}}} },
	}
	final := []string{"500", "404", "no such host", "HTML for JSON", "407", "proxy's 403"}
	// want tells how often a request is sent, at least and at most. What changes something is sent once where it may have arrived.
	want := func(kind, fault string) (least, most int) {
		switch reads := kind == "read" || kind == "long read"; {
		case slices.Contains(final, fault):
			return 1, 1
		case fault == "429" && kind != "pipe":
			return 14, 24 // 1, 2, 4, 8, 16 and then 30 s, or half of that, in five minutes
		case fault == "429":
			return 1, 1
		case reads, fault == "dial": // a pipe, too, for nobody has read from it yet
			return 1 + maxRepeats, 1 + maxRepeats
		}
		return 1, 1
	}
	// unsent are the faults after which nothing can have been changed.
	unsent := []string{"404", "429", "dial", "no such host", "407", "proxy's 403"}
	for fault, answer := range faults {
		for kind, request := range requests {
			t.Run(kind+", "+fault, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					count := 0
					c := memory(t, func(r *http.Request) (*http.Response, error) {
						count++
						if r.Body != nil && fault != "dial" {
							io.Copy(io.Discard, r.Body)
						}
						return answer()
					})
					start := time.Now()
					r, err := c.Do(t.Context(), request())
					if err == nil {
						t.Fatal("no error")
					}
					if r != nil {
						r.Body.Close()
					}
					if least, most := want(kind, fault); count < least || count > most {
						t.Errorf("sent %d times, want %d to %d: %v", count, least, most, err)
					}
					switch pause := time.Since(start); {
					case fault == "429" && kind != "pipe" && pause != DefaultPatience,
						fault != "429" && pause > firstPause<<maxRepeats,
						count > 1 && pause < firstPause/2<<(count-2) && fault != "429",
						count == 1 && pause != 0:
						t.Errorf("waited %v", pause)
					}
					_, failed := errors.AsType[*Failure](err)
					if want := slices.Contains([]string{"429", "500", "502", "503", "504", "407", "proxy's 403"}, fault); failed != want {
						t.Errorf("error %#v", err)
					}
					if _, ok := errors.AsType[*Refusal](err); ok != (fault == "404") || (r != nil) != (ok || failed) {
						t.Errorf("response %v, error %#v", r, err)
					}
					changes := kind != "read" && kind != "long read"
					if _, ok := errors.AsType[*MaybeDoneError](err); ok != (changes && !slices.Contains(unsent, fault)) {
						t.Errorf("error %v", err)
					}
					if s := err.Error(); strings.ContainsAny(s, "\n<") || strings.Contains(s, "?") && fault != "no such host" {
						t.Errorf("error %q", s)
					}
				})
			})
		}
	}
}

func TestRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults := []func() (*http.Response, error){
			func() (*http.Response, error) { return reply(429, "", "Retry-After", "30"), nil },
			func() (*http.Response, error) { return cut(), nil },
			func() (*http.Response, error) { return nil, io.EOF },
			func() (*http.Response, error) {
				return reply(503, "", "Retry-After", "Mon, 02 Jan 2006 15:05:05 GMT", "Date", "Mon, 02 Jan 2006 15:04:05 GMT"), nil
			},
		}
		var trace []Attempt
		c := memory(t, func(*http.Request) (*http.Response, error) {
			if len(faults) == 0 {
				return reply(200, `{"data":1}`), nil
			}
			f := faults[0]
			faults = faults[1:]
			return f()
		})
		c.Trace = func(a Attempt) { trace = append(trace, a) }
		start := time.Now()
		r, err := c.Do(t.Context(), Request{Path: "proj/search?password=x&a=b"})
		if err != nil {
			t.Fatal(err)
		}
		if s := body(t, r); s != `{"data":1}` {
			t.Errorf("body %s", s)
		}
		// 30 s, then 60 s by the server's own clock, whatever ours shows.
		if d := time.Since(start); d < 90*time.Second || d > 95*time.Second {
			t.Errorf("waited %v", d)
		}
		for i, a := range trace {
			if a.Number != i+1 || a.Method != "GET" || a.URL != "https://acme.my.workfront.com/attask/api/v22.0/proj/search?password=***&a=b" {
				t.Errorf("attempt %+v", a)
			}
		}
		type line struct {
			status int
			bytes  int64
			failed bool
		}
		got := []line{}
		for _, a := range trace {
			got = append(got, line{a.Status, a.Bytes, a.Err != nil})
		}
		want := []line{{429, 0, false}, {200, 15, true}, {0, 0, true}, {503, 0, false}, {200, 10, false}}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(line{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWaitsNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		count := 0
		after := "3600"
		c := memory(t, func(*http.Request) (*http.Response, error) {
			count++
			return reply(429, "", "Retry-After", after), nil
		})
		start := time.Now()
		r, err := c.Do(t.Context(), Request{Path: "proj"})
		if _, ok := errors.AsType[*Failure](err); !ok || r == nil || !strings.Contains(err.Error(), "1h0m0s") || count != 1 {
			t.Errorf("an hour: %v after %d", err, count)
		}

		// A wait that would pass the deadline is not begun.
		after = "60"
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := c.Do(ctx, Request{Path: "proj"}); err == nil || count != 2 {
			t.Errorf("deadline: %v after %d", err, count)
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("waited %v", d)
		}

		// An interruption ends a wait at once, with its cause.
		interrupted := errors.New("interrupted")
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { stop(interrupted) })
		if _, err := c.Do(ctx, Request{Path: "proj"}); err != interrupted {
			t.Errorf("interrupted: %v", err)
		}
		if d := time.Since(start); d != time.Second {
			t.Errorf("waited %v", d)
		}
	})
}

func TestStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		count := 0
		c := memory(t, func(r *http.Request) (*http.Response, error) {
			if count++; count > 1 {
				return reply(200, `{"data":1}`), nil
			}
			pr, pw := io.Pipe()
			context.AfterFunc(r.Context(), func() { pw.CloseWithError(r.Context().Err()) })
			go pw.Write([]byte(`{"data":`))
			a := reply(200, "")
			a.Body, a.ContentLength = pr, -1
			return a, nil
		})
		start := time.Now()
		r, err := c.Do(t.Context(), Request{Path: "proj"})
		if err != nil || body(t, r) != `{"data":1}` || count != 2 {
			t.Errorf("%v after %d", err, count)
		}
		if d := time.Since(start); d < maxStall || d > maxStall+firstPause {
			t.Errorf("waited %v", d)
		}
	})
}
