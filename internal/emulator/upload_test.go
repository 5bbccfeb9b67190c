package emulator_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, RequireLength: true})
	session := tenant.NewSession("")
	form := func(field, name, content string) (contentType string, body []byte) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		w.WriteField("note", "x")
		part, _ := w.CreateFormFile(field, name)
		io.WriteString(part, content)
		w.Close()
		return w.FormDataContentType(), b.Bytes()
	}
	good, file := form("uploadedFile", "ü \"q\".pdf", "content\n")
	other, elsewhere := form("file", "x", "y")
	for name, c := range map[string]struct {
		method, contentType string
		body                []byte
		session             string
		unknown             bool // length
		status              int
	}{
		"a file":              {"POST", good, file, session, false, 200},
		"no session":          {"POST", good, file, "", false, 401},
		"another method":      {"GET", good, file, session, false, 400},
		"another field":       {"POST", other, elsewhere, session, false, 422},
		"no form":             {"POST", "application/json", []byte("{}"), session, false, 422},
		"a length not stated": {"POST", good, file, session, true, 411},
		"a form that is cut":  {"POST", good, file[:len(file)-60], session, false, 400},
	} {
		r := httptest.NewRequest(c.method, "/attask/api/v22.0/upload", bytes.NewReader(c.body))
		r.Header.Set("Content-Type", c.contentType)
		r.Header.Set("sessionID", c.session)
		if c.unknown {
			r.ContentLength = -1
		}
		got := do(tenant, r)
		if got.status != c.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if c.status == 200 {
			u := tenant.Uploads()[0]
			if got.body != `{"data":{"handle":"`+u.Handle+`"}}` || len(u.Handle) != 32 || u.Name != `ü "q".pdf` || u.Size != 8 || !strings.HasPrefix(u.SHA256, "434728a4") {
				t.Errorf("%s: %+v", got.body, u)
			}
		}
	}
	if n := len(tenant.Uploads()); n != 1 {
		t.Errorf("%d uploads", n)
	}
}
