package workfront

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// defaultLimit is how many rows Workfront sends where no $$LIMIT is asked for.
const defaultLimit = 100

// FirstHundred tells whether resp, the answer to r, is as many rows of a search as Workfront sends where nobody says how many:
// then there are probably more. It knows only what is whole in memory, which so few rows are, and leaves Body to be read.
func FirstHundred(r Request, resp *Response) bool {
	path, _, _ := strings.Cut(r.Path, "?")
	body, ok := resp.Body.(*wholeBody)
	if !ok || !strings.EqualFold(lastSegment(path), "search") {
		return false
	}
	parameters, _ := r.Parameters() // it was sent, so they can be read
	if slices.ContainsFunc(parameters, func(f Field) bool { return f.Key == "$$LIMIT" }) {
		return false
	}
	return countRows(body.text, defaultLimit+1) == defaultLimit
}

// countRows counts the rows of an answer, objects in a list or under their IDs, but not beyond enough.
func countRows(body []byte, enough int) int {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
		return 0
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return 0
		}
		if name.String() == "data" {
			return countValues(d, enough)
		}
		if err := d.SkipValue(); err != nil {
			return 0
		}
	}
	return 0
}

func countValues(d *jsontext.Decoder, enough int) (n int) {
	opening, err := d.ReadToken()
	if err != nil || opening.Kind() != '[' && opening.Kind() != '{' {
		return 0
	}
	inObject := opening.Kind() == '{'
	for kind := d.PeekKind(); kind != ']' && kind != '}' && kind != 0 && n < enough; kind = d.PeekKind() {
		if inObject {
			if err := d.SkipValue(); err != nil { // its name
				return n
			}
		}
		if err := d.SkipValue(); err != nil {
			return n
		}
		n++
	}
	return n
}

// wholeBody is a body that is in memory from beginning to end.
type wholeBody struct {
	*bytes.Reader
	text []byte
}

func newWholeBody(text []byte) io.ReadCloser { return &wholeBody{bytes.NewReader(text), text} }

func (*wholeBody) Close() error { return nil }

// OverLimit tells whether Workfront refused the request because it asked for more rows than one answer has.
func (r *Refusal) OverLimit() bool {
	return strings.Contains(r.Message, "greater than the maximum allowed limit")
}
