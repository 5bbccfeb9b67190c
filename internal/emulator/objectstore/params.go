package objectstore

import (
	"encoding/json"
	"slices"
	"strings"
)

// Params are a request's parameters in the order given, which decides the order of sort keys.
type Params []Param

// Param is one of them, decoded. Both are UTF-8.
type Param struct{ Name, Value string }

// All returns the values of a parameter, nil if it is not there.
func (p Params) All(name string) (values []string) {
	for _, q := range p {
		if q.Name == name {
			values = append(values, q.Value)
		}
	}
	return values
}

// Get returns the first value of a parameter, "" if it is not there.
func (p Params) Get(name string) string {
	for _, q := range p {
		if q.Name == name {
			return q.Value
		}
	}
	return ""
}

// Has says whether a parameter is there.
func (p Params) Has(name string) bool { return p.All(name) != nil }

// filters are the members of filters={json}.
func (p Params) filters() (Params, error) { return p.members("filters") }

// withListOptions adds the members of listOptions={json}, whose form is published nowhere: they are taken to be the
// parameters that say what to do with rows, by their names.
func (p Params) withListOptions() (Params, error) {
	options, err := p.members("listOptions")
	if err != nil {
		return nil, err
	}
	for _, option := range options {
		if !isInstruction(option.Name) {
			return nil, invalid("Invalid Parameter: listOptions value %q", p.Get("listOptions"))
		}
	}
	return append(slices.Clip(p), options...), nil
}

// members are those of the JSON objects that a parameter holds, in their order, an array being several of a name.
func (p Params) members(name string) (members Params, err error) {
	for _, text := range p.All(name) {
		refuse := invalid("Invalid Parameter: %s value %q", name, text)
		decoder := json.NewDecoder(strings.NewReader(text))
		if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
			return nil, refuse
		}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, refuse
			}
			var raw json.RawMessage
			if err := decoder.Decode(&raw); err != nil {
				return nil, refuse
			}
			var several []json.RawMessage
			if json.Unmarshal(raw, &several) != nil || several == nil {
				several = []json.RawMessage{raw}
			}
			for _, value := range several {
				members = append(members, Param{key.(string), plainText(value)})
			}
		}
		if _, err := decoder.Token(); err != nil {
			return nil, refuse
		}
	}
	return members, nil
}

// plainText is a JSON value as a form would carry it.
func plainText(raw json.RawMessage) string {
	var s string
	if string(raw) != "null" && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
