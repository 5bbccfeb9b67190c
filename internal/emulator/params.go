package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// params are a request's parameters in the order given, which decides the order of sort keys.
type params []param

type param struct{ name, value string }

func (p params) all(name string) (values []string) {
	for _, q := range p {
		if q.name == name {
			values = append(values, q.value)
		}
	}
	return values
}

// get returns the first value of a parameter.
func (p params) get(name string) string {
	if values := p.all(name); values != nil {
		return values[0]
	}
	return ""
}

func (p params) has(name string) bool { return p.all(name) != nil }

// parseParams reads a query or a form.
func parseParams(raw string) (params, error) {
	var p params
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
		p = append(p, param{strings.ToValidUTF8(name, "\ufffd"), strings.ToValidUTF8(value, "\ufffd")})
	}
	return p, nil
}

// maxBody is how much of a request's body is read.
const maxBody = 10 << 20

// readParams reads the parameters of the query, then those of a form or JSON body.
func readParams(w http.ResponseWriter, r *http.Request) (params, error) {
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
	var more params
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
func jsonParams(body []byte) (params, error) {
	body = bytes.ToValidUTF8(body, []byte("\ufffd"))
	if body = bytes.TrimSpace(body); body[0] == '[' {
		return params{{"updates", string(body)}}, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, invalid("the body is neither a JSON object nor an array of them")
	}
	if _, ok := object["updates"]; !ok {
		return params{{"updates", string(body)}}, nil
	}
	var p params
	for _, name := range slices.Sorted(maps.Keys(object)) {
		p = append(p, param{name, rawText(object[name])})
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

// withFilters adds the members of filters={json} to the parameters.
func (p params) withFilters() (params, error) {
	for _, text := range p.all("filters") {
		var object map[string]any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil {
			return nil, invalid("Invalid Parameter: filters value %q", text)
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			values, isArray := object[name].([]any)
			if !isArray {
				values = []any{object[name]}
			}
			for _, v := range values {
				p = append(p, param{name, fmt.Sprint(v)})
			}
		}
	}
	return p, nil
}
