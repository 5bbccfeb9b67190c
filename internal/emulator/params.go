package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
)

// parseParams reads a query or a form.
func parseParams(raw string) (objectstore.Params, error) {
	var p objectstore.Params
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, invalid("malformed parameter: %s", pair)
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, invalid("malformed parameter: %s", pair)
		}
		p = append(p, objectstore.Param{Name: strings.ToValidUTF8(name, "\ufffd"), Value: strings.ToValidUTF8(value, "\ufffd")})
	}
	return p, nil
}

// maxBody is how much of a request's body is read.
const maxBody = 10 << 20

// readParams reads the parameters of the query, then those of a form or JSON body.
func readParams(w http.ResponseWriter, r *http.Request) (objectstore.Params, error) {
	p, err := parseParams(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	body, err := readBody(w, r, maxBody)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, &apiError{status: http.StatusRequestEntityTooLarge, message: "the request is too large"}
	}
	if err != nil {
		return nil, &apiError{status: http.StatusBadRequest, message: "the request could not be read"}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return p, nil
	}
	var more objectstore.Params
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType == "application/json" {
		more, err = jsonParams(body)
	} else {
		more, err = parseParams(string(body))
	}
	return append(p, more...), err
}

// readBody reads a body of at most limit bytes. A request that never crossed a network may have none.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
}

// jsonParams reads a JSON body: an array is updates in bulk, an object with a member updates is a form
// by other means, and any other object is the update of one object.
func jsonParams(body []byte) (objectstore.Params, error) {
	body = bytes.ToValidUTF8(body, []byte("\ufffd"))
	if body = bytes.TrimSpace(body); body[0] == '[' {
		return objectstore.Params{{Name: "updates", Value: string(body)}}, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, invalid("the body is neither a JSON object nor an array of them")
	}
	if _, ok := object["updates"]; !ok {
		return objectstore.Params{{Name: "updates", Value: string(body)}}, nil
	}
	var p objectstore.Params
	for _, name := range slices.Sorted(maps.Keys(object)) {
		p = append(p, objectstore.Param{Name: name, Value: rawText(object[name])})
	}
	return p, nil
}

// rawText is a JSON value as a form would carry it.
func rawText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil && string(raw) != "null" {
		return s
	}
	return string(raw)
}
