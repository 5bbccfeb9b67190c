package workfront

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

func TestGzip(t *testing.T) {
	t.Parallel()
	packed := gzipped(`{"data":1}`)
	for _, path := range []string{"proj", "/internal/document/download"} {
		for _, asked := range []string{"gzip", "identity"} {
			var trace Attempt
			c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Accept-Encoding"); got != asked {
					t.Errorf("asked for %q", got)
				}
				w.Header().Set("Content-Encoding", "gzip")
				w.Header().Set("Content-Length", strconv.Itoa(len(packed)))
				if r.Method != http.MethodHead {
					io.WriteString(w, packed)
				}
			})
			c.Trace = func(a Attempt) { trace = a }
			r, err := c.Do(t.Context(), Request{Path: path, Header: http.Header{"Accept-Encoding": {asked}}})
			if err != nil {
				t.Fatal(err)
			}
			if s := body(t, r); s != `{"data":1}` || r.Header.Get("Content-Encoding") != "" || r.Header.Get("Content-Length") != "" {
				t.Errorf("%s: %q, %v", path, s, r.Header)
			}
			if trace.Bytes != int64(len(packed)) {
				t.Errorf("%s: %d bytes traced, %d sent", path, trace.Bytes, len(packed))
			}
			if r, err = c.Do(t.Context(), Request{Path: path, Method: "HEAD", Header: http.Header{"Accept-Encoding": {asked}}}); err != nil || body(t, r) != "" {
				t.Errorf("HEAD: %v", err)
			}
		}
	}
}

// A download is handed on while it comes, so a cut shows only in reading it, with the count of what came.
func TestDownloadIsCut(t *testing.T) {
	t.Parallel()
	requests := 0
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, strings.Repeat("x", 600))
	})
	r, err := c.Do(t.Context(), Request{Path: "/internal/document/download?ID=1"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if len(b) != 600 || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "after 600 bytes") || requests != 1 {
		t.Errorf("%d bytes, %v, %d requests", len(b), err, requests)
	}
}

// An answer larger than what is held in memory arrives whole all the same.
func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	row := `{"n":` + strings.Repeat("1", 1<<20) + `},`
	for _, rows := range []int{17} {
		c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"data":[`)
			for range rows {
				io.WriteString(w, row)
			}
			io.WriteString(w, `0]}`)
		})
		r, err := c.Do(t.Context(), Request{Path: "proj"})
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r.Body)
		r.Body.Close()
		if want := int64(len(`{"data":[`) + rows*len(row) + len(`0]}`)); err != nil || n != want {
			t.Errorf("%d bytes of %d, %v", n, want, err)
		}
	}
}

// An answer that is not used is closed, also where it was too large to be read to its end.
func TestUnusedAnswerIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{429, 401} {
			var opened, closed int
			c := memory(t, func(*http.Request) (*http.Response, error) {
				if opened++; opened > 1 {
					return reply(200, `{}`), nil
				}
				r := reply(status, "")
				r.ContentLength = -1
				r.Body = readCloser{strings.NewReader(`{"error":"` + strings.Repeat(" ", maxWhole) + `"}`), closing(func() { closed++ })}
				return r, nil
			})
			c.Credentials = &sessions{ids: []string{canary, "fresh"}}
			r, err := c.Do(t.Context(), Request{Path: "proj"})
			if err != nil || body(t, r) != "{}" || closed != 1 {
				t.Errorf("%d: %v, closed %d times", status, err, closed)
			}
		}
	})
}

type closing func()

func (c closing) Close() error { c(); return nil }

func TestExactBoundary(t *testing.T) {
	t.Parallel()
	for _, size := range []int{maxWhole - 1, maxWhole} {
		text := `"` + strings.Repeat("x", size-2) + `"`
		c := memory(t, func(*http.Request) (*http.Response, error) {
			return reply(200, text, "X-Size", strconv.Itoa(size)), nil
		})
		r, err := c.Do(t.Context(), Request{Path: "proj"})
		if err != nil || len(body(t, r)) != size {
			t.Errorf("%d: %v", size, err)
		}
	}
}
