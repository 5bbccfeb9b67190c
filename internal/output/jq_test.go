package output

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/terminal"
)

func TestCompileJQNamesTheFault(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		".a |":              `jq: unexpected EOF at character 5`,
		".a | | .b":         `jq: unexpected token "|" at character 6`,
		".a\n| €":           `jq: unexpected token "€" at line 2, character 3`,
		`.a == "€" | }`:     `jq: unexpected token "}" at character 13`,
		`"abc`:              `jq: unterminated string literal at character 5`,
		"nosuch(1)":         `jq: function not defined: nosuch/1`,
		"$secret":           `jq: variable not defined: $secret`,
		`import "a" as a;.`: `jq: cannot load module: "a"`,
		"input":             `jq: input(s)/0 is not allowed`,
		"inputs":            `jq: input(s)/0 is not allowed`,
	} {
		p, err := CompileJQ(program)
		if p != nil || err == nil || err.Error() != want {
			t.Errorf("CompileJQ(%q): %v, want %s", program, err, want)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	const document = `{"s":"a\nb","n":1.50,"big":123456789012345678901234567890,"far":1E400,
		"list":[1,{"b":true,"a":null}],"html":"<&>","\u00e9":"\u00e9"}`
	for name, test := range map[string]struct{ program, want, err string }{
		"strings are raw":          {".s", "a\nb\n", ""},
		"all else is compact":      {".list", `[1,{"a":null,"b":true}]` + "\n", ""},
		"one result a line":        {".list[]", "1\n" + `{"a":null,"b":true}` + "\n", ""},
		"numbers keep notation":    {".n,.big,.far", "1.50\n123456789012345678901234567890\n1E400\n", ""},
		"and are numbers":          {".n+1, .n==1.5, (.big|type)", "2.5\ntrue\nnumber\n", ""},
		"nothing is HTML":          {".html,[.html]", "<&>\n[\"<&>\"]\n", ""},
		"no result":                {"empty", "", ""},
		"results before an error":  {".n, .s.x, .n", "1.50\n", `jq: expected an object but got: string ("a\nb")`},
		"error is one line":        {`error("a\nb\u001b[2J")`, "", "jq: error: a b[2J"},
		"error with an object":     {`error({"a":1})`, "", `jq: error: {"a":1}`},
		"halt ends it":             {"1, halt, 2", "1\n", "jq: halted"},
		"halt_error is an error":   {`"why" | halt_error`, "", "jq: halt error: why"},
		"the environment is empty": {"env, $ENV, ([$ENV.PATH, env.HOME])", "{}\n{}\n[null,null]\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := CompileJQ(test.program)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = p.Run(t.Context(), &out, []byte(document))
			if out.String() != test.want {
				t.Errorf("wrote %q, want %q", out.String(), test.want)
			}
			if got := message(err); got != test.err {
				t.Errorf("error %q, want %q", got, test.err)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return terminal.Printable(err.Error()) // as a message is shown
}

func TestRunOnWhatIsNoDocument(t *testing.T) {
	t.Parallel()
	p, err := CompileJQ(".")
	if err != nil {
		t.Fatal(err)
	}
	for document, want := range map[string]string{
		"":              "",
		" \r\n":         "",
		"{}{}":          "jq: the answer is more than one JSON document",
		"[1,":           "jq: the answer is not JSON: unexpected EOF",
		"<html></html>": "jq: the answer is not JSON: invalid character '<' looking for beginning of value",
	} {
		var out bytes.Buffer
		if got := message(p.Run(t.Context(), &out, []byte(document))); got != want || out.Len() > 0 {
			t.Errorf("Run over %q: %q and %q, want %q", document, got, out.String(), want)
		}
	}
	deep := strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001)
	if err := p.Run(t.Context(), &bytes.Buffer{}, []byte(deep)); err == nil {
		t.Error("a document nested 10,001 deep is taken")
	}
}

func TestRunSaysThatItWasHalted(t *testing.T) {
	t.Parallel()
	p, err := CompileJQ("halt")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(t.Context(), &bytes.Buffer{}, []byte("1")); !errors.Is(err, ErrHalt) {
		t.Errorf("halt returned %v", err)
	}
}

// A program without end must not fill the memory and must obey its context.
func TestRunWithoutEnd(t *testing.T) {
	t.Parallel()
	p, err := CompileJQ(`repeat("x")`)
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	w := writerFunc(func(p []byte) (int, error) {
		cancel(enough)
		return len(p), nil
	})
	if err := p.Run(ctx, w, []byte("1")); !errors.Is(err, enough) {
		t.Errorf("interrupted: %v", err)
	}
	full := errors.New("no space left on device")
	if err := p.Run(t.Context(), brokenWriter{full}, []byte("1")); !errors.Is(err, full) {
		t.Errorf("a writer that fails: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
