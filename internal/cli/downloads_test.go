package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// stored is a document of a tenant that need not be honest.
type stored struct {
	name, fileName string
	url            string // empty: the tenant's own
	size           any    // docSize; nil: the length of content
	content        string
	header         http.Header
	serve          http.HandlerFunc // nil: content, with header
}

// storage is a tenant with documents; their IDs are their places.
func storage(t *testing.T, documents ...stored) (env map[string]string) {
	t.Helper()
	id := func(i int) string { return fmt.Sprintf("%032x", i) }
	row := func(i int) any {
		d := documents[i]
		if d.url == "" {
			d.url = "/internal/document/download?ID=" + id(i)
		}
		if d.size == nil {
			d.size = len(d.content)
		}
		return map[string]any{
			"ID": id(i), "name": d.name, "downloadURL": d.url,
			"currentVersion": map[string]any{"ID": fmt.Sprintf("%032x", 0xff00+i), "fileName": d.fileName, "docSize": d.size},
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var rows []any
		var i int
		switch {
		case r.URL.Path == "/internal/document/download":
			_, _ = fmt.Sscanf(r.FormValue("ID"), "%x", &i)
			d := documents[i]
			maps.Copy(w.Header(), d.header)
			if d.serve != nil {
				d.serve(w, r)
				return
			}
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(d.content))
			return
		case strings.HasSuffix(r.URL.Path, "/search") && r.FormValue("objID") != "":
			var first, limit int
			_, _ = fmt.Sscan(r.FormValue("$$FIRST"), &first)
			_, _ = fmt.Sscan(r.FormValue("$$LIMIT"), &limit)
			for i := first; i < min(first+limit, len(documents)); i++ {
				rows = append(rows, row(i))
			}
		default:
			for one := range strings.SplitSeq(r.FormValue("id"), ",") {
				if _, err := fmt.Sscanf(one, "%x", &i); err == nil && i < len(documents) {
					rows = append(rows, row(i))
				}
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"data": rows}) // whoever has gone wants no answer
	}))
	t.Cleanup(server.Close)
	return map[string]string{"HOME": t.TempDir(), "WFAUTH_HOST": server.URL, "WFAUTH_SESSION_ID": "CANARY-session-0001"}
}

// filesIn are the names in a folder, hidden ones too.
func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func savedIn(t *testing.T, out string) string {
	t.Helper()
	var row struct{ File string }
	if err := json.Unmarshal([]byte(out), &row); err != nil {
		t.Fatalf("%v: %q", err, out)
	}
	return row.File
}

// Whatever names a server sends, each file is in the folder, and none replaces another.
func TestDownloadNames(t *testing.T) {
	t.Parallel()
	names := []string{
		"../../x", "/etc/passwd", `..\..\x`, "CON", "nul.txt", "COM1", "a\x00b", "\x1b]0;title\x07.pdf", ".bashrc", "-rf", "..", "", "trail. .",
		strings.Repeat("ä", 300) + ".pdf", "brief.pdf", "brief.pdf", "BRIEF.pdf", "photo\u202egpj.exe", "mine.txt", "link", "\xff\xfe",
	}
	var documents []stored
	for i, name := range names {
		// By each of the three ways in which a name comes.
		d := stored{content: fmt.Sprintf("content %d", i)}
		switch i % 3 {
		case 0:
			d.header = http.Header{"Content-Disposition": {`attachment; filename*=UTF-8''` + escaped(name)}}
			d.fileName = "not this"
		case 1:
			d.fileName = name
		case 2:
			d.name = name
		}
		documents = append(documents, d)
	}
	env := storage(t, documents...)
	outer := t.TempDir()
	dir := filepath.Join(outer, "deep", "folder")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = os.Symlink(filepath.Join(outer, "planted"), filepath.Join(dir, "link")) // wants a right that few have on Windows
	before := len(filesIn(t, dir))
	status, out, stderr := within(t, env, "docu", "download", "--of", "proj/"+strings.Repeat("0", 32), "--out", dir)
	if status != exitDone || stderr != "" {
		t.Errorf("exit status %d: %s", status, stderr)
	}
	got := filesIn(t, dir)
	if len(got) != before+len(names) || !slices.Equal(filesIn(t, outer), []string{"deep"}) || !slices.Equal(filesIn(t, filepath.Dir(dir)), []string{"folder"}) {
		t.Errorf("%d files: %q; outside: %q", len(got), got, filesIn(t, outer))
	}
	if mine, _ := os.ReadFile(filepath.Join(dir, "mine.txt")); string(mine) != "mine" {
		t.Errorf("a file was replaced: %q", mine)
	}
	contents := map[string]bool{}
	for line := range strings.Lines(out) {
		file := savedIn(t, line)
		if filepath.Dir(file) != dir || strings.ContainsAny(filepath.Base(file), "\x00\x1b\u202e/\\:") || filepath.Base(file)[0] == '.' || filepath.Base(file)[0] == '-' {
			t.Errorf("%q", file)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		contents[string(text)] = true
	}
	if len(contents) != len(names) {
		t.Errorf("%d files of %d came whole", len(contents), len(names))
	}
}

// escaped is a name as RFC 8187 has it.
func escaped(name string) string {
	var b strings.Builder
	for i := range len(name) {
		fmt.Fprintf(&b, "%%%02x", name[i])
	}
	return b.String()
}

// The session goes to the tenant alone, whatever a document's address is and whatever that leads to.
func TestDownloadKeepsTheSession(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var leaked []string
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if all := fmt.Sprint(r.Header, r.URL); strings.Contains(all, "CANARY") {
			leaked = append(leaked, all)
		}
		mu.Unlock()
		_, _ = io.WriteString(w, "away")
	}))
	t.Cleanup(away.Close)
	redirects := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, away.URL+"/file", http.StatusFound) }
	env := storage(t,
		stored{name: "a", url: away.URL + "/file", content: "away"},
		stored{name: "b", serve: redirects, content: "away"},
		stored{name: "c", url: "file:///etc/passwd"},
		stored{name: "d", url: "/internal/document/download?method=DELETE&ID=0"},
		stored{name: "e", url: "http://storage.example/x"},
		stored{name: "f", url: "//user:CANARY@" + strings.TrimPrefix(away.URL, "http://") + "/x"},
	)
	dir := t.TempDir()
	status, out, stderr := within(t, env, "docu", "download", "--of", "proj/"+strings.Repeat("0", 32), "--out", dir)
	if status != exitSome || !slices.Equal(filesIn(t, dir), []string{"a", "b"}) || strings.Count(out, "\n") != 2 {
		t.Errorf("exit status %d, %q: %s", status, filesIn(t, dir), stderr)
	}
	for _, want := range []string{
		` c: its downloadURL "file:///etc/passwd" is none`, " would change something", "leads to http://storage.example/x, which is not HTTPS", "4 of 6 files were not downloaded",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr does not say %q: %s", want, stderr)
		}
	}
	if len(leaked) > 0 {
		t.Errorf("leaked: %q", leaked)
	}
}

// What is of another size than the server says, or than the document, is no file.
func TestDownloadSizes(t *testing.T) {
	t.Parallel()
	hijacked := func(head string) http.HandlerFunc { // and then the connection ends
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, head)
		}
	}
	for name, c := range map[string]struct {
		document stored
		status   int
		says     string
	}{
		"as it says":         {stored{content: "0123456789"}, 0, ""},
		"size not known":     {stored{content: "0123456789", size: ""}, 0, ""},
		"size as a text":     {stored{content: "0123456789", size: "10"}, 0, ""},
		"less than it has":   {stored{content: "0123456789", size: 11}, 1, "10 bytes came, and the document has 11"},
		"more than it has":   {stored{content: "0123456789", size: 9}, 1, "10 bytes came, and the document has 9"},
		"no length":          {stored{size: 4, serve: hijacked("HTTP/1.0 200 OK\r\n\r\n0123")}, 0, ""},
		"no length, cut":     {stored{size: 10, serve: hijacked("HTTP/1.0 200 OK\r\n\r\n0123")}, 1, "4 bytes came, and the document has 10"},
		"chunks, cut":        {stored{size: 10, serve: hijacked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n")}, 1, "cut after 4 bytes"},
		"a length that lies": {stored{size: 10, serve: hijacked("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"x\"\r\nAccept-Ranges: bytes\r\n\r\n0123")}, 1, "cut after 4 bytes"},
		"a page":             {stored{size: "", content: "<p>We are being mended", header: http.Header{"Content-Type": {"text/html"}}}, 1, "an HTML page came instead of the file"},
		"a page that is it":  {stored{fileName: "a.html", content: "<p>It is me", header: http.Header{"Content-Type": {"text/html"}}}, 0, ""},
		"an error":           {stored{size: "", content: `{"error":{"message":"no access"}}`}, 3, "Workfront refused: no access"},
		"an attached error":  {stored{content: `{"error":{"message":"no access"}}`, header: http.Header{"Content-Disposition": {"attachment"}}}, 0, ""},
		"a page to sign in":  {stored{size: "", content: `<title>Log in</title>`, header: http.Header{"Content-Type": {"text/html"}}}, 4, "no longer accepts the session"},
		"nothing to be had":  {stored{url: "https:", content: ""}, 1, `its downloadURL "https:" is none`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, out := range []string{"folder/", "-"} {
				dir := t.TempDir()
				to := out
				if out != "-" {
					to = filepath.Join(dir, "x") + "/"
				}
				status, stdout, stderr := within(t, storage(t, c.document), "docu", "download", strings.Repeat("0", 32), "--out", to)
				says := c.says
				if out == "-" && strings.Contains(says, "cut after") {
					says = "after 4 bytes the connection ended, and the server does not send the rest of the file"
				}
				if status != c.status || !strings.Contains(stderr, says) {
					t.Errorf("--out %s: exit status %d, %q: %s", out, status, stdout, stderr)
				}
				if out == "-" {
					continue
				}
				files := filesIn(t, filepath.Join(dir, "x"))
				if (status == 0) != (len(files) == 1) && name != "a length that lies" {
					t.Errorf("files: %q", files)
				}
				if name == "a length that lies" && (len(files) != 1 || !strings.HasSuffix(files[0], ".part") || !strings.Contains(stderr, ": 4 bytes are kept, and the same command goes on from there\n")) {
					t.Errorf("files: %q, %s", files, stderr)
				}
			}
		})
	}
}

// So many at once, and no more.
func TestDownloadConcurrency(t *testing.T) {
	t.Parallel()
	const n, together = 12, 4
	var mu sync.Mutex
	now, most := 0, 0
	all := make(chan struct{})
	serve := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		if most = max(most, now); now == together && most == together {
			select {
			case <-all:
			default:
				close(all)
			}
		}
		mu.Unlock()
		select { // the first of them wait for each other
		case <-all:
		case <-time.After(patience):
		}
		_, _ = io.WriteString(w, "0123456789")
		mu.Lock()
		now--
		mu.Unlock()
	}
	var documents []stored
	for range n {
		documents = append(documents, stored{name: "x.txt", size: 10, serve: serve})
	}
	dir := t.TempDir()
	status, out, stderr := within(t, storage(t, documents...), "docu", "download", "--of", "proj/"+strings.Repeat("0", 32), "--out", dir, "--concurrency", fmt.Sprint(together))
	if status != 0 || len(filesIn(t, dir)) != n || strings.Count(out, "\n") != n || most != together {
		t.Errorf("exit status %d, %d files, %d at once: %s", status, len(filesIn(t, dir)), most, stderr)
	}
	if files := filesIn(t, dir); !slices.Contains(files, "x.txt") || !slices.Contains(files, "x (12).txt") {
		t.Errorf("%q", files)
	}
}

// A network that has gone ends all of many files soon, and says how many were not moved.
func TestDownloadWithoutANetwork(t *testing.T) {
	t.Parallel()
	var documents []stored
	for i := range 100 {
		documents = append(documents, stored{name: fmt.Sprint(i), url: "http://127.0.0.1:1/x", size: 5})
	}
	documents[0] = stored{name: "one", content: "there"}
	env := storage(t, documents...)
	dir := t.TempDir()
	status, _, stderr := within(t, env, "docu", "download", "--of", "proj/"+strings.Repeat("0", 32), "--out", dir, "--concurrency", "4")
	if status != exitSome || !strings.Contains(stderr, "\nwfauth: 99 of 100 files were not downloaded: the server cannot be reached\n") || strings.Count(stderr, "\n") > 10 {
		t.Errorf("exit status %d: %s", status, stderr)
	}
}

// A part of an earlier run is gone on with only for the same version of a document, and goes when that is another.
func TestDownloadGoesOnWithAPart(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("0123456789abcdef", 20_000)
	var mu sync.Mutex
	tag, breaks := `"one"`, true
	var asked []string
	serve := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Header.Get("Range"))
		w.Header().Set("ETag", tag)
		switch {
		case breaks && len(asked) > 1:
			w.WriteHeader(http.StatusForbidden)
			return
		case breaks:
			w = &brokenWriter{w, 200_000}
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader([]byte(content)))
	}
	env := storage(t, stored{name: "x", size: len(content), serve: serve})
	download := func(dir string) (int, string) {
		asked = nil
		status, _, stderr := within(t, env, "docu", "download", strings.Repeat("0", 32), "--out", dir)
		return status, stderr
	}
	for _, same := range []bool{true, false} {
		dir := t.TempDir()
		mu.Lock()
		breaks = true
		mu.Unlock()
		status, stderr := download(dir)
		files := filesIn(t, dir)
		if status != exitRefused || len(files) != 1 || !strings.HasSuffix(files[0], ".part") {
			t.Fatalf("exit status %d, %q: %s", status, files, stderr)
		}
		mu.Lock()
		breaks = false
		if !same {
			tag = `"two"`
		}
		mu.Unlock()
		status, stderr = download(dir)
		text, err := os.ReadFile(filepath.Join(dir, "x"))
		if status != 0 || string(text) != content || err != nil || !slices.Equal(filesIn(t, dir), []string{"x"}) {
			t.Errorf("exit status %d, %d bytes, %q: %s", status, len(text), filesIn(t, dir), stderr)
		}
		if len(asked) != 1 || asked[0] == "" || strings.Contains(stderr, "going on behind") != same {
			t.Errorf("asked for %q: %s", asked, stderr)
		}
	}
}

// brokenWriter ends the connection after so many bytes.
type brokenWriter struct {
	http.ResponseWriter
	left int
}

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.left < len(p) {
		_, _ = b.ResponseWriter.Write(p[:b.left])
		_ = http.NewResponseController(b.ResponseWriter).Flush() // or nothing of it comes
		panic(http.ErrAbortHandler)
	}
	b.left -= len(p)
	return b.ResponseWriter.Write(p)
}
