package workfront

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Refusal is Workfront's own refusal of a request: a status 4xx but for 429, or an "error" member in an answer with a good status.
type Refusal struct {
	Status  int
	Class   string // Java class of the exception; may be empty
	Message string // one line, never empty
	// SessionGone: the server does not, or no longer, know the session, and renewing it has not helped.
	SessionGone bool
	// Body is the answer as it was sent, where no [Response] comes with the refusal: in the pages of a walk.
	Body []byte
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("Workfront refused: %s (status %d)", r.Message, r.Status)
}

// sessionGone tells whether a refusal is one of the session and not of the request. What status Workfront gives it is not documented.
func sessionGone(status int, class, message string) bool {
	message = strings.ToLower(message)
	return status == http.StatusUnauthorized ||
		strings.HasSuffix(class, "AuthenticationException") ||
		strings.HasPrefix(message, "authenticationexception") ||
		strings.Contains(message, "not currently logged in") ||
		strings.Contains(message, "invalid session id")
}

// verdict is what an answer says of itself, apart from its data.
type verdict struct {
	refused        bool // there is an "error" member that is not null or false
	class, message string
}

// judge looks for a refusal in the body of an answer. The error is [io.ErrUnexpectedEOF] for JSON that is cut,
// and another one for what is not JSON; the verdict then holds what little the text tells.
func judge(body []byte) (verdict, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return verdict{}, nil
	}
	top, err := members(body)
	if err != nil {
		return verdict{message: plainMessage(body)}, err
	}
	v := verdict{message: text(top.message), class: text(top.class)}
	switch e := top.error; e.Kind() {
	case 0, 'n', 'f':
	case '{':
		v.refused = true
		inner, err := members(e)
		if err != nil {
			return v, err
		}
		v.message = cmp.Or(text(inner.message), text(inner.error), text(inner.title), text(inner.key), v.message)
		v.class = cmp.Or(text(inner.class), v.class)
	case '"':
		v.refused = true
		v.message = cmp.Or(text(e), v.message)
	default:
		v.refused = true
	}
	return v, nil
}

// details are the members that an error is told by, at the top of an answer or in its "error".
type details struct{ error, class, message, title, key jsontext.Value }

// members reads the details of a JSON object, and checks that it is whole. Other values have none.
func members(body []byte) (details, error) {
	var d details
	// A bytes.Buffer is read in place.
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		err := dec.SkipValue()
		return d, cutOr(err)
	}
	if _, err := dec.ReadToken(); err != nil {
		return d, cutOr(err)
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return d, cutOr(err)
		}
		var into *jsontext.Value
		switch name.String() {
		case "error":
			into = &d.error
		case "class", "type":
			into = &d.class
		case "message":
			into = &d.message
		case "title":
			into = &d.title
		case "msgKey":
			into = &d.key
		}
		if into == nil {
			err = dec.SkipValue()
		} else {
			var v jsontext.Value
			v, err = dec.ReadValue()
			*into = v.Clone()
		}
		if err != nil {
			return d, cutOr(err)
		}
	}
	_, err := dec.ReadToken()
	return d, cutOr(err)
}

// cutOr makes the one error that means "cut" plain.
func cutOr(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// text is the string that v holds, fit for a message; empty if it is none.
func text(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	s, err := jsontext.AppendUnquote(nil, v)
	if err != nil && len(s) == 0 {
		return ""
	}
	return oneLine(string(s))
}

// plainMessage is what a body that is not JSON tells: the title of an HTML page, or the beginning of a text.
func plainMessage(body []byte) string {
	body = body[:min(len(body), 64<<10)]
	if !looksHTML(body) {
		return oneLine(string(body))
	}
	start := bytes.Index(asciiLower(body), []byte("<title"))
	if start < 0 {
		return ""
	}
	_, rest, _ := bytes.Cut(body[start:], []byte(">"))
	title, _, _ := bytes.Cut(rest, []byte("<"))
	return oneLine(html.UnescapeString(string(title)))
}

// asciiLower keeps every byte in its place, which bytes.ToLower does not.
func asciiLower(s []byte) []byte {
	s = bytes.Clone(s)
	for i, c := range s {
		if 'A' <= c && c <= 'Z' {
			s[i] = c + 'a' - 'A'
		}
	}
	return s
}

func looksHTML(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, "\xef\xbb\xbf \t\r\n"), []byte("<"))
}
