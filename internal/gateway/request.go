package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

// Request is one that may pass.
type Request struct {
	Method string
	Path   string // escaped
	Query  []Parameter
	Form   []Parameter
	JSON   []byte // nil: there is none
	Files  []File // of a form
	Header http.Header
}

// File is one of an upload.
type File struct {
	Key, Name string
	Content   io.ReaderAt
	Size      int64
}

const (
	// maxBody bounds what is held of a form or of JSON, in bytes: some hundred objects at most are sent at once.
	maxBody = 16 << 20
	// maxField bounds a field of an upload's form.
	maxField = 1 << 20
)

// passed are the headers that go on to Workfront, but for the conditions (If-*).
var passed = [...]string{"Accept", "Content-Type", "Range"}

// read takes a caller's request apart, and refuses what must not pass. Done lets its files go.
func (g *gateway) read(r *http.Request, to target) (q *Request, done func(), err error) {
	q = &Request{Method: r.Method, Path: to.path, Header: http.Header{}}
	var closing []func()
	release := func() {
		for _, f := range closing {
			f()
		}
	}
	defer func() {
		if err != nil {
			release()
		}
	}()
	if q.Query, err = parseParameters(r.URL.RawQuery); err != nil {
		return nil, nil, err
	}
	if _, err = judgeParameters(r.Method, q.Query, nil); err != nil {
		return nil, nil, err // before a body is read
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if r.ContentLength != 0 {
			return nil, nil, refusef(http.StatusBadRequest, "a %s has no body: parameters go into the query, or into the form of a POST with method=GET", r.Method)
		}
	case http.MethodPost, http.MethodPut, http.MethodDelete:
		if !g.Writing && r.Method != http.MethodPost {
			return nil, nil, errReadOnly
		}
		if closing, err = g.body(r, q); err != nil {
			return nil, nil, err
		}
	default:
		return nil, nil, &Error{
			Status: http.StatusMethodNotAllowed, Message: "the gateway knows GET, HEAD, POST, PUT and DELETE",
			header: [2]string{"Allow", "GET, HEAD, POST, PUT, DELETE"},
		}
	}
	changes, err := judgeParameters(r.Method, q.Query, q.Form)
	switch {
	case err != nil:
		return nil, nil, err
	case changes && !g.Writing, changes && to.list:
		return nil, nil, errReadOnly
	}
	q.head(r, to)
	return q, release, nil
}

// head takes over the headers that may pass. Parts are of files: of an answer they could be chosen so that a session in it is not
// recognised.
func (q *Request) head(r *http.Request, to target) {
	for name, values := range r.Header {
		if slices.Contains(passed[:], name) || strings.HasPrefix(name, "If-") {
			q.Header[name] = values
		}
	}
	if to.api {
		q.Header.Del("Range")
		q.Header.Del("If-Range")
	}
	if q.JSON == nil {
		q.Header.Del("Content-Type") // that of a form is written with it
	}
	// Codings that we cannot look into are not asked for, and a part of a file is one of what it is, not of its packing.
	coding := "identity"
	if accepts(r.Header, "gzip") && q.Header.Get("Range") == "" {
		coding = "gzip"
	}
	q.Header.Set("Accept-Encoding", coding)
}

// body reads the body of a request by its type.
func (g *gateway) body(r *http.Request, q *Request) (closing []func(), err error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	switch {
	case r.ContentLength == 0:
		return nil, nil
	case r.Header.Get("Content-Encoding") != "":
		return nil, refusef(http.StatusUnsupportedMediaType, "a body is taken as it is, and not packed")
	case err != nil || charset != "" && charset != "utf-8" && charset != "us-ascii":
		return nil, errBody
	case kind == "application/x-www-form-urlencoded":
		text, err := whole(r.Body, maxBody)
		if err == nil {
			q.Form, err = parseParameters(string(text))
		}
		return nil, err
	case kind == "application/json" && g.Writing:
		if q.JSON, err = whole(r.Body, maxBody); err == nil {
			err = judgeJSON(q.JSON)
		}
		return nil, err
	case kind == "multipart/form-data" && g.Writing && strings.HasSuffix(strings.ToLower(strings.TrimSuffix(q.Path, "/")), "/upload"):
		return g.upload(multipart.NewReader(r.Body, parameters["boundary"]), q)
	case !g.Writing:
		return nil, errReadOnly
	}
	return nil, errBody
}

var errBody = &Error{Status: http.StatusUnsupportedMediaType, Message: "a body is a form or JSON, in UTF-8, and for upload multipart/form-data"}

var errCut = &Error{Status: http.StatusBadRequest, Message: "the request ended too early"}

func whole(r io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, errCut
	case int64(len(text)) > most:
		return nil, refusef(http.StatusRequestEntityTooLarge, "a body has at most %d MiB", most>>20)
	}
	return text, nil
}

// judgeJSON looks at the members of an object, which a server may read as it reads parameters.
func judgeJSON(text []byte) error {
	var object map[string]json.RawMessage
	if !json.Valid(text) {
		return refusef(http.StatusBadRequest, "the body is not JSON")
	}
	if json.Unmarshal(text, &object) != nil {
		return nil // a list, whose members are objects of Workfront's
	}
	for key, value := range object {
		switch name := nameOf(key); name {
		case "sessionid", "apikey", "jsessionid": // a user may well be made with a name and a password
			return errCredential
		case "action":
			var action string
			if json.Unmarshal(value, &action) == nil && isForbidden(nameOf(action)) {
				return refusef(http.StatusForbidden, "the gateway never passes the action %s", nameOf(action))
			}
		}
	}
	return nil
}

// upload reads a form with files.
func (g *gateway) upload(form *multipart.Reader, q *Request) (closing []func(), err error) {
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return closing, nil
		case err != nil:
			return closing, errCut
		case part.FormName() == "":
			return closing, errBody
		case part.FileName() == "":
			value, err := whole(part, maxField)
			if err != nil {
				return closing, err
			}
			q.Form = append(q.Form, Parameter{Key: part.FormName(), Value: string(value)})
			continue
		case isCredential(nameOf(part.FormName())):
			return closing, errCredential
		}
		failing := &noted{Reader: part}
		content, size, done, err := g.Keep(failing)
		if err != nil {
			if failing.err != nil {
				return closing, errCut
			}
			return closing, err
		}
		closing = append(closing, done)
		q.Files = append(q.Files, File{part.FormName(), part.FileName(), content, size})
	}
}

// noted remembers a fault, to tell a caller that breaks off from a disk that is full.
type noted struct {
	io.Reader
	err error
}

func (n *noted) Read(p []byte) (int, error) {
	read, err := n.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return read, err
}
