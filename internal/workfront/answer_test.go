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

// A refusal is one, whatever became of its body; what only claims to be packed is read as it is.
func TestUndecodableAnswer(t *testing.T) {
	t.Parallel()
	whole := gzipped(`{"error":{"message":"no such field"}}`)
	for name, c := range map[string]struct {
		status       int
		answer, body string
		want         string
	}{
		"422 that is no gzip":     {422, "\x1f\x8bnonsense", "", "Workfront refused: unprocessable entity (status 422)"},
		"422 that is cut":         {422, whole[:len(whole)-6], "", "Workfront refused: no such field (status 422)"},
		"422 with a wrong sum":    {422, whole[:len(whole)-8] + "12345678", "", "Workfront refused: no such field (status 422)"},
		"422 that is plain":       {422, `{"error":{"message":"no such field"}}`, "", "Workfront refused: no such field (status 422)"},
		"500 that is no gzip":     {500, "\x1f\x8bnonsense", "", "acme.my.workfront.com answered 500 internal server error"},
		"200 that is plain":       {200, `{"data":[]}`, `{"data":[]}`, ""},
		"200 with a single byte":  {200, `1`, `1`, ""},
		"200 packed":              {200, gzipped(`{"data":[]}`), `{"data":[]}`, ""},
		"200 whose error is one":  {200, `{"error":"enough"}`, "", "Workfront refused: enough (status 200)"},
		"download that is plain":  {200, "%PDF", "%PDF", ""},
		"download with two bytes": {200, "PK", "PK", ""},
	} {
		path := "proj"
		if strings.HasPrefix(name, "download") {
			path = "/internal/document/download?ID=1"
		}
		requests := 0
		client := memory(t, func(*http.Request) (*http.Response, error) {
			requests++
			return reply(c.status, c.answer, "Content-Encoding", "gzip"), nil
		})
		r, err := client.Do(t.Context(), Request{Path: path})
		switch {
		case c.want == "" && (err != nil || body(t, r) != c.body):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) || r == nil || requests != 1):
			t.Errorf("%s: %v after %d requests", name, err, requests)
		}
	}
}

// A page that asks for a password, or an error, is no file; an attachment is one, whatever it holds.
func TestNoFile(t *testing.T) {
	t.Parallel()
	const attachment = `attachment; filename="page.html"`
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		body, disposition string
		gone, refused     bool
	}{
		"sign-in page":                    {body: `<!DOCTYPE html><title>Workfront</title><form><input type='PASSWORD'>`, gone: true},
		"sign-in page by its title":       {body: "\ufeff <html><title>Log In | Workfront</title>" + long, gone: true},
		"sign-in page as an attachment":   {body: `<html><title>Login</title>`, disposition: attachment},
		"another page":                    {body: `<html><title>A report on logistics</title>` + long},
		"an error":                        {body: ` {"error":{"message":"no access"}}`, refused: true},
		"an error, inline":                {body: `{"error":{"message":"no access"}}`, disposition: `inline; filename=attachment.json`, refused: true},
		"an error as an attachment":       {body: `{"error":{"message":"no access"}}`, disposition: "Attachment"},
		"a dead session":                  {body: `{"error":{"message":"You are not currently logged in."}}`, gone: true},
		"JSON without an error":           {body: `{"data":[1,2],"error":null}`},
		"JSON longer than an error":       {body: `{"data":"` + strings.Repeat("x", 2*maxRefusal) + `","error":"x"}`},
		"something that begins like JSON": {body: `{\rtf1 a letter}` + long},
		"a file":                          {body: "%PDF-1.7" + strings.Repeat("\x00", 9000)},
		"nothing":                         {body: ""},
	} {
		client := memory(t, func(*http.Request) (*http.Response, error) {
			return reply(200, c.body, "Content-Type", "application/octet-stream", "Content-Disposition", c.disposition), nil
		})
		client.Credentials = &sessions{ids: []string{canary, "fresh"}}
		r, err := client.Do(t.Context(), Request{Path: "/internal/document/download?ID=1"})
		refusal, ok := errors.AsType[*Refusal](err)
		if ok != (c.gone || c.refused) || ok && refusal.SessionGone != c.gone {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && body(t, r) != c.body {
			t.Errorf("%s: not as it was sent", name)
		}
		if renewals := client.Credentials.(*sessions).renewals; c.gone != (renewals == 1) {
			t.Errorf("%s: %d renewals", name, renewals)
		}
	}
}

// What is read of an answer that is none has a bound, and so has what it can be unpacked to.
func TestEndlessRefusal(t *testing.T) {
	t.Parallel()
	bomb := gzipped(strings.Repeat(" ", 64<<20))
	for name, c := range map[string]struct {
		coding string
		body   io.Reader
	}{
		"plain":  {"", io.LimitReader(noEnd{}, 1<<40)},
		"packed": {"gzip", strings.NewReader(bomb)},
	} {
		client := memory(t, func(*http.Request) (*http.Response, error) {
			r := reply(400, "", "Content-Encoding", c.coding)
			r.Body, r.ContentLength = io.NopCloser(c.body), -1
			return r, nil
		})
		r, err := client.Do(t.Context(), Request{Path: "proj"})
		if _, ok := errors.AsType[*Refusal](err); !ok || !strings.Contains(err.Error(), "only the first 1 MiB") || len(body(t, r)) != maxRefusal {
			t.Errorf("%s: %v", name, err)
		}
	}
}
