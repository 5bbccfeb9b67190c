package workfront

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestCheckInput(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"name":"x"}`:                          "",
		"\n [1, 2.50, {\"a\":null}] \r\n":       "",
		`"x"`:                                   "",
		`{"a":1,"a":2}`:                         "",
		byteOrderMark + "{}\n":                  "",
		"":                                      "1:1: it is empty",
		byteOrderMark:                           "1:1: it is empty",
		" \n \n":                                "1:1: it is empty",
		"{\"name\":\n  \"ü😀\", x}":              "2:9: not JSON",
		byteOrderMark + "{\n\"ü\" 1}":           "2:5: not JSON",
		"{\"a\":1,\r\n \"b\":2,\r\n}":           "2:7: not JSON",
		`{"a":1`:                                "1:7: not JSON: it ends too early",
		"{}\n{}\n":                              "2:1: there is more",
		"{} x":                                  "1:4: there is more",
		"[1] ]":                                 "1:5: there is more",
		"name=x":                                "1:2: not JSON",
		"{'name':'x'}":                          "1:2: not JSON",
		"{\"a\":\"\xe4\"}":                      "1:7: not JSON: invalid UTF-8",
		"\xff\xfe{\x00}\x00":                    "1:1: this is UTF-16",
		"\xfe\xff\x00{\x00}":                    "1:1: this is UTF-16",
		"{\x00}\x00":                            "1:1: this is UTF-16",
		"[" + strings.Repeat("1,", 1<<20) + "x": "1:2097154: not JSON",
	} {
		file := strings.NewReader("#" + text)
		file.ReadByte()
		err := CheckInput(file)
		if want == "" {
			if rest, _ := io.ReadAll(file); err != nil || string(rest) != strings.TrimPrefix(text, byteOrderMark) {
				t.Errorf("%.60q: %v, and %.60q is sent", text, err, rest)
			}
			continue
		}
		e, ok := errors.AsType[*InputError](err)
		if !ok || !strings.HasPrefix(e.Error(), want) || strings.ContainsAny(e.Error(), "\r\n") {
			t.Errorf("%.60q: %v, want %s", text, err, want)
		}
	}
}

func TestCheckInputReads(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	if err := CheckInput(failing{strings.NewReader(`{"a":`), broken}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// failing ends with an error where its text ends.
type failing struct {
	*strings.Reader
	err error
}

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		err = f.err
	}
	return n, err
}

func TestStreamInput(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "{}": "{}", "{": "{", byteOrderMark + "{}\n": "{}\n", "not JSON": "not JSON", "\xff\xfe{\x00": "!", "{\x00}\x00": "!"} {
		r, err := StreamInput(io.MultiReader(strings.NewReader(text)))
		if _, ok := errors.AsType[*InputError](err); ok != (want == "!") || err != nil && !ok {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if err == nil {
			if rest, err := io.ReadAll(r); string(rest) != want || err != nil {
				t.Errorf("%q: %q, %v", text, rest, err)
			}
		}
	}
}

func TestInputIsJSON(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]bool{
		"": true, "application/json": true, "Application/JSON; charset=utf-8": true, "text/json": true, "application/merge-patch+json": true,
		"text/xml": false, "multipart/form-data; boundary=x": false, "x; =": false,
	} {
		if got := InputIsJSON(http.Header{"Content-Type": {kind}}); got != want {
			t.Errorf("%q: %v", kind, got)
		}
	}
}
