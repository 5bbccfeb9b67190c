package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// upload sends a file and returns its handle.
func upload(t *testing.T, tenant *emulator.Tenant, name string, content []byte) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("other", "x")
	part, err := form.CreateFormFile("uploadedFile", name)
	if err != nil {
		t.Fatal(err)
	}
	part.Write(content)
	form.Close()
	r := httptest.NewRequest("POST", "/attask/api/v22.0/upload", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("sessionID", tenant.NewSession(""))
	return data[struct{ Handle string }](t, do(tenant, r)).Handle
}

// fetchDocument downloads, with headers as pairs.
func fetchDocument(tenant *emulator.Tenant, address string, headers ...string) answer {
	r := httptest.NewRequest("GET", address, nil)
	r.Header.Set("sessionID", tenant.NewSession(""))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return do(tenant, r)
}

// bytesOf are n bytes that are not alike anywhere.
func bytesOf(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	return b.Bytes()[:n]
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 2})
	t.Cleanup(func() { tenant.Close() })
	project := rows(t, tenant, "proj/search?$$LIMIT=1")[0]["ID"].(string)
	for _, size := range []int{0, 1, 16 << 10, 16<<10 + 1, 256 << 10, 700_001} {
		content := bytesOf(size)
		handle := upload(t, tenant, "Brief Q3 – \"final\"; ünï.pdf", content)
		made := data[object](t, sendJSON(tenant, "POST", "document?fields=*,currentVersion:*,project:name", `{"name":"Brief","handle":"`+handle+`","docObjCode":"PROJ","objID":"`+project+`","currentVersion":{"version":"v1.0"}}`))
		version := made["currentVersion"].(object)
		if made["projectID"] != project || version["docSize"] != float64(size) || version["version"] != "v1.0" || version["ext"] != "pdf" || made["ownerID"] != tenant.Users()[0].ID {
			t.Errorf("%v", made)
		}
		address := made["downloadURL"].(string)
		if !strings.HasPrefix(address, "/internal/document/download?ID=") {
			t.Fatal(address)
		}
		got := fetchDocument(tenant, address, "Accept-Encoding", "gzip")
		if got.status != http.StatusOK || got.body != string(content) || got.header.Get("Content-Length") != fmt.Sprint(size) || got.header.Get("Content-Encoding") != "" {
			t.Errorf("%d bytes: %d, %d bytes, %v", size, got.status, len(got.body), got.header)
		}
		if want := `attachment; filename="Brief%20Q3%20%E2%80%93%20%22final%22%3B%20%C3%BCn%C3%AF.pdf"`; got.header.Get("Content-Disposition") != want {
			t.Errorf("%s", got.header.Get("Content-Disposition"))
		}
		if size < 100 {
			continue
		}
		got = fetchDocument(tenant, address, "Range", fmt.Sprintf("bytes=%d-", size-50), "Accept-Encoding", "gzip")
		if got.status != http.StatusPartialContent || got.body != string(content[size-50:]) {
			t.Errorf("%d bytes, the last 50: %d %q", size, got.status, got.body)
		}
		if got = fetchDocument(tenant, address, "Range", "bytes=16380-16390"); got.body != string(content[16380:min(16391, size)]) {
			t.Errorf("%d bytes, from the middle: %d %q", size, got.status, got.body)
		}
		if got = fetchDocument(tenant, address, "Range", fmt.Sprintf("bytes=%d-", size)); got.status != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%d bytes, after the end: %d", size, got.status)
		}
	}
	// A second version is the one that is downloaded; the first can still be had.
	document := data[object](t, sendJSON(tenant, "POST", "docu?fields=currentVersionID", `{"name":"x","handle":"`+upload(t, tenant, "x.txt", []byte("one"))+`","docObjCode":"PROJ","objID":"`+project+`"}`))
	data[object](t, sendJSON(tenant, "POST", "docv", `{"documentID":"`+document["ID"].(string)+`","handle":"`+upload(t, tenant, "x.txt", []byte("two"))+`"}`))
	for id, want := range map[any]string{document["ID"]: "two", document["currentVersionID"]: "one"} {
		if got := fetchDocument(tenant, "/internal/document/download?ID="+id.(string)); got.body != want {
			t.Errorf("%v: %s", id, got.body)
		}
	}
	if got := rows(t, tenant, "docv/search?documentID="+document["ID"].(string)+"&version=v2.0"); len(got) != 1 {
		t.Errorf("%v", got)
	}
	// What the seed has can be had too.
	for _, row := range rows(t, tenant, "docu/search?fields=downloadURL,currentVersion:docSize") {
		if got := fetchDocument(tenant, row["downloadURL"].(string)); got.status != 200 || float64(len(got.body)) != row["currentVersion"].(object)["docSize"] {
			t.Errorf("%v: %d", row, got.status)
		}
	}
	if r := httptest.NewRequest("GET", "/internal/document/download?ID="+document["ID"].(string), nil); do(tenant, r).status != http.StatusUnauthorized {
		t.Error("without a session")
	}
	if got := fetchDocument(tenant, "/internal/document/download?ID="+strings.Repeat("0", 32)); got.status != http.StatusNotFound {
		t.Errorf("%d", got.status)
	}
}

func TestRefusedUploads(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, RequireLength: true})
	send := func(contentType, body string, change func(*http.Request)) answer {
		r := httptest.NewRequest("POST", "/attask/api/v22.0/upload", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("sessionID", tenant.NewSession(""))
		if change != nil {
			change(r)
		}
		return do(tenant, r)
	}
	const form, kind = "--x\r\nContent-Disposition: form-data; name=\"uploadedFile\"; filename=\"a\"\r\n\r\n", "multipart/form-data; boundary=x"
	for name, test := range map[string]struct {
		got    answer
		status int
	}{
		"no session": {send(kind, form+"x\r\n--x--\r\n", func(r *http.Request) { r.Header.Del("sessionID") }), 401},
		"no form":    {send("text/plain", "x", nil), 422},
		"no file":    {send(kind, "--x--\r\n", nil), 422},
		"cut":        {send(kind, form+"half", nil), 400},
		"chunked":    {send(kind, form+"x\r\n--x--\r\n", func(r *http.Request) { r.ContentLength = -1 }), 411},
		"GET":        {send(kind, form+"x\r\n--x--\r\n", func(r *http.Request) { r.Method = "GET" }), 400},
		"no handle":  {sendJSON(tenant, "POST", "docu", `{"name":"x"}`), 422},
		"bad handle": {sendJSON(tenant, "POST", "docu", `{"name":"x","handle":"x"}`), 422},
		"no object":  {sendJSON(tenant, "POST", "docu", `{"name":"x","docObjCode":"PROJ","objID":"`+strings.Repeat("0", 32)+`"}`), 404},
	} {
		if test.got.status != test.status {
			t.Errorf("%s: %d %s", name, test.got.status, test.got.body)
		}
	}
}

// A large upload passes through memory in blocks, and its file has no name where the system allows that.
func TestLargeUpload(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("TMP", tmp)
	tenant := emulator.New(emulator.Options{Projects: 1})
	const size = 64 << 20
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() { // ends with the upload
		part, _ := form.CreateFormFile("uploadedFile", "big.bin")
		block := bytesOf(1 << 20)
		for range size >> 20 {
			part.Write(block)
		}
		form.Close()
		writer.Close()
	}()
	r := httptest.NewRequest("POST", "/attask/api/v22.0/upload", reader)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("sessionID", tenant.NewSession(""))
	handle := data[struct{ Handle string }](t, do(tenant, r)).Handle
	made := data[object](t, sendJSON(tenant, "POST", "docu?fields=currentVersion:docSize", `{"name":"big","handle":"`+handle+`"}`))
	if made["currentVersion"].(object)["docSize"] != float64(size) {
		t.Errorf("%v", made)
	}
	if err := tenant.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "wfauth-emulator-*")); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 3})
	a := data[object](t, api(tenant, "POST", "proj", "name=a"))["ID"].(string)
	send := func(atomic string, uris ...string) answer {
		pairs := []string{"atomic", atomic}
		for _, uri := range uris {
			pairs = append(pairs, "uri", uri)
		}
		return api(tenant, "POST", "batch", query(pairs...))
	}
	got := send("false", "/proj/"+a+"?name=b&method=PUT", "proj/count", "proj/search?name=b&method=GET", "nosuch/search", "/session", "batch", "PROJ/metadata?method=GET", "/metadata")
	var parts []struct {
		Data  json.RawMessage
		Error *struct{ Message string }
	}
	if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(got.body, `{"data":`), "}")), &parts); err != nil || len(parts) != 8 {
		t.Fatalf("%v %s", err, got.body)
	}
	if !strings.Contains(string(parts[0].Data), `"name":"b"`) || string(parts[1].Data) != `{"count":4}` || !strings.Contains(string(parts[2].Data), a) ||
		parts[3].Error == nil || parts[3].Error.Message != "Unknown object type: NOSUCH" || !strings.Contains(string(parts[4].Data), "userID") || parts[5].Error == nil ||
		!strings.HasPrefix(string(parts[6].Data), `{"name":"Project",`) || !strings.HasPrefix(string(parts[7].Data), `{"objects":`) {
		t.Errorf("%s", got.body)
	}
	if got := send("true", "proj?name=c&method=POST", "proj/"+a+"?name=c&method=PUT"); got.body != `{"data":{"success":true}}` || count(t, tenant, "proj/count?name=c") != 2 {
		t.Errorf("%s", got.body)
	}
	// All or none.
	for _, bad := range []string{"proj/" + a + "?status=BAD&method=PUT", "nosuch?method=POST", "proj/" + strings.Repeat("0", 32) + "?method=DELETE", "proj/search?nosuch=1", "session", "proj?method=PATCH"} {
		if got := send("true", "proj?name=d&method=POST", bad); got.status == 200 || count(t, tenant, "proj/count?name=d") != 0 {
			t.Errorf("%s: %d %s", bad, got.status, got.body)
		}
	}
	if got := send("false"); got.status != 422 {
		t.Errorf("nothing: %d", got.status)
	}
	if got := api(tenant, "GET", "batch?uri=proj/count", ""); got.status != 400 {
		t.Errorf("GET: %d", got.status)
	}
}

func TestBadRowOption(t *testing.T) {
	t.Parallel()
	for option, done := range map[string]int{"": 0, emulator.BadRowBatch: 0, emulator.BadRowAlone: 1} {
		tenant := emulator.New(emulator.Options{Projects: 1, BadRow: option})
		got := sendJSON(tenant, "POST", "proj", `[{"name":"x"},{"name":"y","status":"BAD"}]`)
		if n := count(t, tenant, "proj/count?name=x"); got.status != 422 || n != done {
			t.Errorf("%q: %d, %d done", option, got.status, n)
		}
	}
}
