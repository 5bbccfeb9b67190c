package workfront

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

func textFile(key, name, text string) File {
	return File{key, name, strings.NewReader(text), int64(len(text))}
}

// formOf reads a form with files: "key=value" of a field, "key:name=content" of a file.
func formOf(r *http.Request) (parts []string, err error) {
	form, err := r.MultipartReader()
	for err == nil {
		var p *multipart.Part
		if p, err = form.NextPart(); err != nil {
			break
		}
		_, disposition, _ := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		content, readErr := io.ReadAll(p)
		part := disposition["name"] + "=" + string(content)
		if name, ok := disposition["filename"]; ok {
			part = disposition["name"] + ":" + name + "=" + string(content)
		}
		parts, err = append(parts, part), readErr
	}
	if err == io.EOF {
		err = nil
	}
	return parts, err
}

// An upload is a form with files, of stated length, its names in UTF-8 and its bytes untouched; a session that has ended is renewed,
// and the form sent again.
func TestUpload(t *testing.T) {
	t.Parallel()
	var requests []string
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("sessionID") == canary {
			w.WriteHeader(401)
			return
		}
		before := r.ContentLength
		parts, err := formOf(r)
		if err != nil || before <= 0 || r.TransferEncoding != nil {
			t.Errorf("%v, length %d, %v", err, before, r.TransferEncoding)
		}
		requests = append(requests, r.Method+" "+r.RequestURI+" "+strings.Join(parts, "|"))
		io.WriteString(w, `{"data":{"handle":"x"}}`)
	})
	s := &sessions{ids: []string{canary, "fresh"}}
	c.Credentials = s
	r := Request{
		Path: "upload?x=1", Fields: []Field{{"note", "a&b=ü"}, {"fields", "a,"}},
		Files: []File{
			textFile("uploadedFile", `Brief "Q3" \ ü😀.pdf`, "\x00\xff bytes\r\n"), textFile("other", "empty", ""),
			textFile("uploadedFile", "x\r\nSet-Cookie: y", "3"),
		},
	}
	resp, err := c.Do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got := body(t, resp); got != `{"data":{"handle":"x"}}` || s.renewals != 1 {
		t.Errorf("%s after %d renewals", got, s.renewals)
	}
	want := "POST /attask/api/v22.0/upload?x=1 note=a&b=ü|fields=a|" +
		"uploadedFile:Brief \"Q3\" \\ ü😀.pdf=\x00\xff bytes\r\n|other:empty=|uploadedFile:x%0D%0ASet-Cookie: y=3"
	if len(requests) != 1 || requests[0] != want {
		t.Errorf("sent %q\nwant %q", requests, want)
	}
}

// A large one is not begun before the server wants it, so that its answer about the session cannot be lost.
func TestUploadIsAskedFor(t *testing.T) {
	t.Parallel()
	var bytes atomic.Int64
	c := tenant(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Expect") != "100-continue" {
			t.Errorf("not asked for: %v", r.Header)
		}
		if r.Header.Get("sessionID") == canary {
			w.WriteHeader(401)
			return
		}
		n, _ := io.Copy(io.Discard, r.Body)
		bytes.Store(n)
	})
	c.Transport.(*http.Transport).ExpectContinueTimeout = 1 << 40
	c.Credentials = &sessions{ids: []string{canary, "fresh"}}
	content := &zeros{limit: 4 << 20}
	resp, err := c.Do(t.Context(), Request{Path: "upload", Files: []File{{"uploadedFile", "x", content, 4 << 20}}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if n := bytes.Load(); n < 4<<20 || content.read.Load() != 4<<20 {
		t.Errorf("%d bytes arrived, %d were read for it", n, content.read.Load())
	}
}

// zeros is a file of zeros that counts what is read of it and keeps none of it.
type zeros struct {
	limit   int64
	read    atomic.Int64
	largest atomic.Int64
}

func (z *zeros) ReadAt(p []byte, at int64) (int, error) {
	n := int(max(0, min(int64(len(p)), z.limit-at)))
	clear(p[:n])
	z.read.Add(int64(n))
	z.largest.Store(max(z.largest.Load(), int64(len(p))))
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// A file is read as it is sent: one of 1 GiB takes no more memory than any other.
func TestUploadStreams(t *testing.T) {
	t.Parallel()
	const size = 1 << 30
	content := &zeros{limit: size}
	c := memory(t, func(r *http.Request) (*http.Response, error) {
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r.Body}, make([]byte, 32<<10))
		if n != r.ContentLength || n < size || err != nil {
			t.Errorf("%d bytes of %d, %v", n, r.ContentLength, err)
		}
		return reply(200, `{"data":{}}`), nil
	})
	resp, err := c.Do(t.Context(), Request{Path: "upload", Files: []File{{"uploadedFile", "x", content, size}}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if content.read.Load() != size || content.largest.Load() > 1<<20 {
		t.Errorf("%d bytes were read, up to %d at once", content.read.Load(), content.largest.Load())
	}
}

// What is an upload, and what has files without being one.
func TestIsUpload(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"upload": true, "upload?a=b": true, "/attask/api/v22.0/upload": true, "attask/api/v17.0/upload": true, "UPLOAD": true,
		"uploads": false, "proj/search?upload": false, "upload/x": false, "docu": false,
	} {
		for method, takes := range map[string]bool{"": true, "post": true, "PUT": true, "GET": false, "DELETE": false} {
			if got := IsUpload(Request{Path: path, Method: method}); got != (want && takes) {
				t.Errorf("%s %s: %v", method, path, got)
			}
			_, err := acme(t).plan(Request{Path: path, Method: method, Files: []File{textFile("a", "b", "c")}})
			if _, ok := errors.AsType[*UsageError](err); ok == (want && takes) {
				t.Errorf("%s %s with a file: %v", method, path, err)
			}
		}
	}
	if IsUpload(Request{Path: "upload", Input: strings.NewReader("x")}) {
		t.Error("an input is sent as it is")
	}
	q, err := acme(t).plan(Request{Path: "upload"})
	if err != nil || sent(q) != "POST /attask/api/v22.0/upload" {
		t.Errorf("without anything: %v", err)
	}
}

// What comes from a pipe rests where nobody else finds it, and is gone with its end.
func TestSpool(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := strings.Repeat("0123456789\n", 10_000)
	content, size, done, err := Spool(folder, io.MultiReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(io.NewSectionReader(content, 0, size))
	if string(got) != text || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	left := func() string { entries, _ := os.ReadDir(folder); return fmt.Sprint(entries) }
	if runtime.GOOS != "windows" && left() != "[]" {
		t.Errorf("it has a name: %s", left())
	}
	done()
	if left() != "[]" {
		t.Errorf("left behind: %s", left())
	}
	broken := errors.New("the pipe broke")
	if _, _, _, err := Spool(folder, struct{ io.Reader }{failing{strings.NewReader("abc"), broken}}); !errors.Is(err, broken) || left() != "[]" {
		t.Errorf("%v, left behind: %s", err, left())
	}
}
