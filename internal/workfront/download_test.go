package workfront

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	fileTag  = `"tag-1"`
	fileDate = "Mon, 02 Nov 2026 10:00:00 GMT"
)

// fileOf are n bytes that are alike nowhere.
func fileOf(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.Bytes()[:n]
}

// memorySink keeps a file in memory.
type memorySink struct {
	bytes.Buffer
	content Content
	begun   []int64 // where
	refuses error   // by the next Write
}

func (s *memorySink) Has() (int64, string) { return int64(s.Len()), s.content.Validator }

func (s *memorySink) Begin(c Content) error {
	if c.From != 0 && c.From != int64(s.Len()) {
		return fmt.Errorf("begun at %d of %d", c.From, s.Len())
	}
	if c.From == 0 {
		s.Reset()
	}
	s.content, s.begun = c, append(s.begun, c.From)
	return nil
}

func (s *memorySink) Write(p []byte) (int, error) {
	if err := s.refuses; err != nil {
		s.refuses = nil
		return 0, err
	}
	return s.Buffer.Write(p)
}

// send is an answer with a stretch of a file, whose body breaks after so many bytes; 0: not.
func send(status int, stretch []byte, breaks int, header ...string) *http.Response {
	resp := reply(status, "", header...)
	resp.Header.Set("Content-Type", "application/pdf")
	resp.ContentLength = int64(len(stretch))
	resp.Body = io.NopCloser(bytes.NewReader(stretch))
	if breaks > 0 {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(stretch[:breaks]), failing{strings.NewReader(""), io.ErrUnexpectedEOF}))
	}
	return resp
}

// asked is the Range of a request and what it is bound to.
func asked(r *http.Request) string {
	return strings.TrimSpace(r.Header.Get("Range") + " " + r.Header.Get("If-Range"))
}

func spanOf(from, to, size int) string { return fmt.Sprintf("bytes %d-%d/%d", from, to-1, size) }

// What is cut is gone on with where that is sure to be the same file, and else begun anew.
func TestDownloadGoesOn(t *testing.T) {
	t.Parallel()
	const n, half = 3 << 20, 3 << 19
	file := fileOf(n)
	other := bytes.ToUpper(fileOf(n + 5)[5:])
	rest := fmt.Sprintf("bytes=%d-", half)
	type answers []func(string) *http.Response // one for each request, with what it asks for
	first := func(header ...string) func(string) *http.Response {
		return func(string) *http.Response { return send(200, file, half, header...) }
	}
	whole := func(string) *http.Response { return send(200, file, 0, "ETag", fileTag) }
	part := func(content []byte, header ...string) func(string) *http.Response {
		return func(string) *http.Response {
			return send(206, content[half:], 0, append([]string{"Content-Range", spanOf(half, n, n), "ETag", fileTag}, header...)...)
		}
	}
	for name, c := range map[string]struct {
		answers answers
		asked   []string
	}{
		"at once":            {answers{whole}, []string{""}},
		"by ETag":            {answers{first("ETag", fileTag), part(file)}, []string{"", rest + " " + fileTag}},
		"by date":            {answers{first("Last-Modified", fileDate), part(file, "ETag", "", "Last-Modified", fileDate)}, []string{"", rest + " " + fileDate}},
		"a weak ETag":        {answers{first("ETag", "W/"+fileTag), whole}, []string{"", ""}},
		"a date that is not": {answers{first("Last-Modified", "yesterday"), whole}, []string{"", ""}},
		"by nothing":         {answers{first(), whole}, []string{"", ""}},
		"parts are not sent": {answers{first("ETag", fileTag), whole}, []string{"", rest + " " + fileTag}},
		"another file": {
			answers{first("ETag", fileTag), func(string) *http.Response { return send(200, other, 0, "ETag", `"tag-2"`) }},
			[]string{"", rest + " " + fileTag},
		},
		"a part of another file": {answers{first("ETag", fileTag), part(other, "ETag", `"tag-2"`), whole}, []string{"", rest + " " + fileTag, ""}},
		"another part": {
			answers{first("ETag", fileTag), part(file, "Content-Range", spanOf(half+1, n, n)), whole},
			[]string{"", rest + " " + fileTag, ""},
		},
		"a part of no place":   {answers{first("ETag", fileTag), part(file, "Content-Range", "bytes */9"), whole}, []string{"", rest + " " + fileTag, ""}},
		"a part of no size":    {answers{first("ETag", fileTag), part(file, "Content-Range", spanOf(half, n, 0)), whole}, []string{"", rest + " " + fileTag, ""}},
		"a packed part":        {answers{first("ETag", fileTag), part(file, "Content-Encoding", "gzip"), whole}, []string{"", rest + " " + fileTag, ""}},
		"parts that multiply":  {answers{first("ETag", fileTag), part(file, "Content-Range", ""), whole}, []string{"", rest + " " + fileTag, ""}},
		"the place is refused": {answers{first("ETag", fileTag), func(string) *http.Response { return send(416, nil, 0) }, whole}, []string{"", rest + " " + fileTag, ""}},
		"a part that is less": {
			answers{first("ETag", fileTag), func(string) *http.Response {
				return send(206, file[half:half+100], 0, "Content-Range", spanOf(half, half+100, n), "ETag", fileTag)
			}, func(string) *http.Response {
				return send(206, file[half+100:], 0, "Content-Range", spanOf(half+100, n, n), "ETag", fileTag)
			}},
			[]string{"", rest + " " + fileTag, fmt.Sprintf("bytes=%d- %s", half+100, fileTag)},
		},
		"a server that is busy": {
			answers{first("ETag", fileTag), func(string) *http.Response { return reply(503, "busy") }, part(file)},
			[]string{"", rest + " " + fileTag, rest + " " + fileTag},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var got []string
			client := memory(t, func(r *http.Request) (*http.Response, error) {
				if r.Header.Get("Accept-Encoding") != "identity" {
					t.Errorf("%s: asked for packed", name)
				}
				got = append(got, asked(r))
				if len(got) > len(c.answers) {
					return nil, errors.New("one request too many")
				}
				return c.answers[len(got)-1](got[len(got)-1]), nil
			})
			want := file
			if name == "another file" {
				want = other
			}
			var sink memorySink
			if err := client.Download(t.Context(), "/internal/document/download?ID=1", &sink); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !bytes.Equal(sink.Bytes(), want) {
				t.Errorf("%s: %d bytes that are not the file", name, sink.Len())
			}
			if !slices.Equal(got, c.asked) {
				t.Errorf("%s: asked for %q, want %q", name, got, c.asked)
			}
		})
	}
}

// A connection that breaks again and again is good enough while it brings something, and no longer.
func TestDownloadGivesUp(t *testing.T) {
	t.Parallel()
	file := fileOf(20 << 20)
	for name, c := range map[string]struct {
		step     int // bytes an attempt
		requests int // 0: as many as it takes
	}{"gets on": {3 << 20, 0}, "gets nowhere": {1, 6}, "gets on a little": {100 << 10, 16}} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			client := memory(t, func(r *http.Request) (*http.Response, error) {
				requests++
				from := 0
				_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
				if from == 0 {
					return send(200, file, c.step, "ETag", fileTag), nil
				}
				breaks := c.step
				if breaks >= len(file)-from {
					breaks = 0
				}
				return send(206, file[from:], breaks, "ETag", fileTag, "Content-Range", spanOf(from, len(file), len(file))), nil
			})
			var sink memorySink
			err := client.Download(t.Context(), "/f", &sink)
			if c.requests == 0 && (err != nil || !bytes.Equal(sink.Bytes(), file)) {
				t.Errorf("%s: %v, %d bytes", name, err, sink.Len())
			}
			if c.requests > 0 && (err == nil || requests > c.requests || !errors.Is(err, io.ErrUnexpectedEOF)) {
				t.Errorf("%s: %v after %d requests", name, err, requests)
			}
		})
	}
}

// What is no file is not begun, and what the sink says counts.
func TestDownloadRefused(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	for name, c := range map[string]struct {
		answer   *http.Response
		sink     memorySink
		requests int
		says     string
	}{
		"a part unasked":      {answer: send(206, fileOf(10), 0, "Content-Range", spanOf(5, 15, 15)), requests: 1, says: "answered with a part of the file, and the whole was asked for"},
		"an error":            {answer: reply(200, `{"error":{"message":"no access"}}`), requests: 1, says: "Workfront refused: no access (status 200)"},
		"a refusal":           {answer: reply(404, `{"error":{"message":"not found"}}`), requests: 1, says: "Workfront refused: not found (status 404)"},
		"a page to sign in":   {answer: reply(200, `<html><title>Log in</title>`, "Content-Type", "text/html"), requests: 1, says: errLogin.Error()},
		"not modified":        {answer: reply(304, ""), requests: 1, says: "answered 304 not modified, which brings no file"},
		"a coding":            {answer: send(200, fileOf(10), 0, "Content-Encoding", "br"), requests: 1, says: "in a coding that was not asked for (br)"},
		"a full disk":         {answer: send(200, fileOf(10), 0), sink: memorySink{refuses: full}, requests: 1, says: full.Error()},
		"a length that is no": {answer: short(send(200, fileOf(10), 0), 15), requests: 6, says: "the answer was cut after 10 bytes: unexpected EOF"},
	} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			client := memory(t, func(*http.Request) (*http.Response, error) {
				requests++
				body, _ := io.ReadAll(c.answer.Body) // it is in memory
				c.answer.Body = io.NopCloser(bytes.NewReader(body))
				answer := *c.answer
				answer.Header = answer.Header.Clone()
				answer.Body = io.NopCloser(bytes.NewReader(body))
				return &answer, nil
			})
			err := client.Download(t.Context(), "/f", &c.sink)
			if err == nil || !strings.Contains(err.Error(), c.says) || requests != c.requests {
				t.Errorf("%s: %v after %d requests", name, err, requests)
			}
			if name != "a full disk" && requests == 1 && c.sink.begun != nil {
				t.Errorf("%s: a file was begun", name)
			}
		})
	}
}

// short is an answer that states another length than it has.
func short(resp *http.Response, length int64) *http.Response {
	resp.ContentLength = length
	return resp
}

// A sink that sees another file in what comes has it begun anew, once.
func TestDownloadOfAnotherFile(t *testing.T) {
	t.Parallel()
	file := fileOf(100)
	var got []string
	client := memory(t, func(r *http.Request) (*http.Response, error) {
		got = append(got, asked(r))
		if asked(r) == "" {
			return send(200, file, 0, "ETag", fileTag), nil
		}
		return send(206, file[50:], 0, "ETag", fileTag, "Content-Range", spanOf(50, 100, 100)), nil
	})
	sink := memorySink{content: Content{Validator: fileTag}, refuses: ErrOther}
	sink.Buffer.Write(bytes.Repeat([]byte("x"), 50))
	if err := client.Download(t.Context(), "/f", &sink); err != nil || !bytes.Equal(sink.Bytes(), file) {
		t.Errorf("%v, %q", err, sink.String())
	}
	if want := []string{"bytes=50- " + fileTag, ""}; !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
	sink.refuses = ErrOther
	sink.Reset()
	sink.content = Content{}
	if err := client.Download(t.Context(), "/f", &sink); err != nil {
		t.Errorf("a sink may refuse a whole file once, too: %v", err)
	}
	always := alwaysOther{&memorySink{}}
	if err := client.Download(t.Context(), "/f", always); !errors.Is(err, ErrOther) {
		t.Errorf("a sink that refuses all: %v", err)
	}
}

type alwaysOther struct{ *memorySink }

func (alwaysOther) Write([]byte) (int, error) { return 0, ErrOther }

// The session goes to the origin alone, wherever a downloadURL leads and whatever it is redirected to, and is renewed between two parts.
func TestDownloadElsewhere(t *testing.T) {
	t.Parallel()
	file := fileOf(1000)
	var away []string
	url, leaked := elsewhere(t, func(w http.ResponseWriter, r *http.Request) {
		away = append(away, r.URL.Path+" "+asked(r))
		w.Header().Set("ETag", fileTag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file))
	})
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/attask/api/v22.0/file":
			w.Header().Set("ETag", fileTag)
			http.ServeContent(w, r, "x.bin", time.Time{}, bytes.NewReader(file))
		case r.Header.Get("sessionID") == canary:
			w.WriteHeader(401)
		default:
			http.Redirect(w, r, url+"/stored", http.StatusFound)
		}
	})
	s := &sessions{ids: []string{canary, "fresh"}}
	c.Credentials = s
	for _, from := range []string{"/internal/document/download?ID=1", url + "/signed?X-Amz-Signature=x", "/attask/api/v22.0/file"} {
		for _, had := range []int{0, 400} {
			sink := memorySink{content: Content{Validator: fileTag}}
			sink.Buffer.Write(file[:had])
			if err := c.Download(t.Context(), from, &sink); err != nil || !bytes.Equal(sink.Bytes(), file) {
				t.Errorf("%s from %d: %v, %d bytes", from, had, err, sink.Len())
			}
			if !slices.Equal(sink.begun, []int64{int64(had)}) {
				t.Errorf("%s from %d: begun at %v", from, had, sink.begun)
			}
		}
	}
	if want := []string{"/stored ", "/stored bytes=400- " + fileTag, "/signed ", "/signed bytes=400- " + fileTag}; !slices.Equal(away, want) {
		t.Errorf("asked for %q elsewhere, want %q", away, want)
	}
	if len(*leaked) != 0 || s.renewals != 1 {
		t.Errorf("leaked %q; %d renewals", *leaked, s.renewals)
	}
}

// What a downloadURL may not be.
func TestDownloadURL(t *testing.T) {
	t.Parallel()
	c := acme(t)
	for _, from := range []string{
		"", "javascript:alert(1)", "file:///etc/passwd", "http://acme.my.workfront.com/x", "http://127.0.0.1/x", "https://user@acme.my.workfront.com/x",
		"ftp://files.example/x", "/internal/x?method=delete", "/x?action=remove", "https://storage.example/x?method=PUT", "http://[::1", "/x?%zz",
	} {
		if u, err := c.downloadURL(from); err == nil {
			t.Errorf("%q is taken as %s", from, u)
		} else if strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%q", err)
		}
	}
	for from, want := range map[string]string{
		"/internal/document/download?ID=1": "https://acme.my.workfront.com/internal/document/download?ID=1",
		"internal/x#y":                     "https://acme.my.workfront.com/internal/x",
		"//storage.example/x":              "https://storage.example/x",
		"https://storage.example/x?a=b":    "https://storage.example/x?a=b",
		"/../../x":                         "https://acme.my.workfront.com/x",
	} {
		if u, err := c.downloadURL(from); err != nil || u.String() != want {
			t.Errorf("%q: %v, %v", from, u, err)
		}
	}
}

// Ctrl-C ends a body that does not come, and a pause.
func TestDownloadInterrupted(t *testing.T) {
	t.Parallel()
	why := errors.New("interrupted")
	for name, breaks := range map[string]int{"in a pause": 5, "before the answer": 0} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			client := memory(t, func(r *http.Request) (*http.Response, error) {
				if breaks == 0 {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return send(200, fileOf(10), breaks), nil
			})
			go func() {
				time.Sleep(time.Millisecond)
				cancel(why)
			}()
			if err := client.Download(ctx, "/f", &memorySink{}); !errors.Is(err, why) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestContentOf(t *testing.T) {
	t.Parallel()
	for disposition, want := range map[string]string{
		`attachment; filename="Brief%20Q3.pdf"`:                     "Brief Q3.pdf",
		`attachment; filename="100%.pdf"`:                           "100%.pdf",
		`attachment; filename="%ff.pdf"`:                            "%ff.pdf",
		`attachment; filename="x"; filename*=UTF-8''%e2%82%ac%2525`: "€%25",
		`attachment; filename="../../x"`:                            "../../x",
		"attachment; filename=\"\xfcber\"":                          "\xfcber",
		`attachment; filename=Brief Q3.pdf`:                         "",
		`attachment`:                                                "",
		``:                                                          "",
	} {
		if got := contentOf(reply(200, "", "Content-Disposition", disposition)); got.Name != want {
			t.Errorf("%s: %q, want %q", disposition, got.Name, want)
		}
	}
	for value, want := range map[string][2]int64{
		"bytes 500-999/1000": {500, 1000}, "bytes 0-0/1": {0, 1}, "Bytes 5-9/*": {5, -1}, "bytes 5-9/9": {5, -1}, "bytes */10": {-1, -1},
		"": {-1, -1}, "bytes 9-5/10": {-1, -1}, "bytes -5-9/10": {-1, -1}, "items 0-1/2": {-1, -1}, "bytes 0-1": {-1, -1}, "bytes 0-99999999999999999999/*": {-1, -1},
	} {
		if from, size := contentRange(value); from != want[0] || size != want[1] {
			t.Errorf("%q: %d of %d", value, from, size)
		}
	}
	page := contentOf(reply(200, "", "Content-Type", "text/html; charset=utf-8"))
	attached := contentOf(reply(200, "", "Content-Type", "text/html", "Content-Disposition", "attachment"))
	parts := contentOf(reply(200, "", "Accept-Ranges", "none, Bytes"))
	if !page.Page || attached.Page || !parts.Resumes || page.Resumes {
		t.Errorf("%+v, %+v, %+v", page, attached, parts)
	}
}

// A large file takes no more memory than a small one.
func TestDownloadStreams(t *testing.T) {
	t.Parallel()
	const size = 1 << 30
	client := memory(t, func(*http.Request) (*http.Response, error) {
		resp := send(200, nil, 0, "ETag", fileTag)
		resp.ContentLength = size
		resp.Body = io.NopCloser(io.NewSectionReader(&zeros{limit: size}, 0, size))
		return resp, nil
	})
	var sink countingSink
	if err := client.Download(t.Context(), "/f", &sink); err != nil || sink.n != size || sink.largest > 1<<20 {
		t.Errorf("%v, %d bytes, up to %d at once", err, sink.n, sink.largest)
	}
}

type countingSink struct {
	n       int64
	largest int
}

func (s *countingSink) Has() (int64, string) { return 0, "" }
func (s *countingSink) Begin(Content) error  { return nil }
func (s *countingSink) Write(p []byte) (int, error) {
	s.n += int64(len(p))
	s.largest = max(s.largest, len(p))
	return len(p), nil
}
