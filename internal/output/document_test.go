package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wfauth/wfauth/internal/terminal"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file in testdata, or with -update makes it so.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

const projectAsSent = `{"data": {"name":"Straße \u00fc \/ \"x\"","ID":"4c78821c0000d6fa8d5e52f07a1d54d0",` +
	"\r\n" + `"budget":1.50,"big":123456789012345678901234567890,"e":-1E+400,"empty":{},"list":[ ],"tags":["a",null,true],"name":"again"}}`

func TestDocumentIsUntouchedInAPipe(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		projectAsSent,
		"",
		"{\"data\":[]}\n\n",
		"<html>\x1b[2J</html>",
		"\xff\xfe\x00binary\r",
	} {
		var out bytes.Buffer
		if err := Document(&out, []byte(body), false); err != nil {
			t.Fatal(err)
		}
		if out.String() != body {
			t.Errorf("Document(%q) wrote %q", body, out.String())
		}
	}
}

func TestDocumentIsIndentedAtATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := Document(terminal.Visible(&out), []byte(projectAsSent), true); err != nil {
		t.Fatal(err)
	}
	golden(t, "document.json", out.Bytes())
}

func TestDocumentLeavesTheBodyAlone(t *testing.T) {
	t.Parallel()
	const wide = "[ 1 ,     2 ,                   3]"
	body := []byte(wide)
	if err := Document(&bytes.Buffer{}, body, true); err != nil || string(body) != wide {
		t.Errorf("the body is %q, %v", body, err)
	}
}

func TestDocumentNeverActsOnATerminal(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for name, test := range map[string]struct{ body, want string }{
		"escape sequence in HTML": {"<b>\x1b]0;owned\x07\x1b[2J</b>", `<b>\u001b]0;owned\u0007\u001b[2J</b>` + "\n"},
		"C1 and DEL in JSON":      {"{\"a\":\"\u009b31m\x7f\"}", "{\n  \"a\": \"\\u009b31m\\u007f\"\n}\n"},
		"bidi override":           {"\"\u202egpj.exe\u2069\"", `"\u202egpj.exe\u2069"` + "\n"},
		"invisible tags":          {"\"\U000e0041\"", `"\udb40\udc41"` + "\n"},
		"lone CR":                 {"wfauth: ok\rrm", `wfauth: ok\u000drm` + "\n"},
		"CRLF is a line end":      {"a\r\nb", "a\r\nb\n"},
		"cut JSON":                {`{"data":[`, `{"data":[` + "\n"},
		"two documents":           {"{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}\n{\"b\":2}\n"},
		"invalid UTF-8":           {"\"a\xff\"", "\"a\ufffd\"\n"},
		"nothing":                 {"", ""},
		"too deep to indent":      {deep, deep + "\n"},
		"deeper than JSON goes":   {"[" + deep + "]", "[" + deep + "]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := Document(terminal.Visible(&out), []byte(test.body), true); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.want {
				t.Errorf("got %q, want %q", terminal.Printable(out.String()), terminal.Printable(test.want))
			}
		})
	}
}

// What stands on the terminal must still be the same JSON.
func FuzzDocumentAtATerminalKeepsItsMeaning(f *testing.F) {
	f.Add([]byte(projectAsSent))
	f.Add([]byte("[\"\u009b\u202e\U000e0041\",\"\\u001b\x7f\",1.50e-3,{\"\u0085\":[]}]"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var out bytes.Buffer
		if err := Document(terminal.Visible(&out), body, true); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.String() {
			if terminal.Acts(r) && r != '\n' && r != '\t' && r != '\r' {
				t.Fatalf("%U reached the terminal", r)
			}
		}
		var want, got any
		if json.Unmarshal(body, &want) != nil {
			return
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%v in %q", err, out.Bytes())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

type brokenWriter struct{ err error }

func (b brokenWriter) Write([]byte) (int, error) { return 0, b.err }

func TestDocumentReturnsTheWriteError(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for _, terminal := range []bool{false, true} {
		if err := Document(brokenWriter{full}, []byte("{}"), terminal); !errors.Is(err, full) {
			t.Errorf("terminal=%v: %v", terminal, err)
		}
	}
}
