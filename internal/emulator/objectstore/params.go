package objectstore

import (
	"encoding/json"
	"fmt"
	"maps"
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
	if values := p.All(name); values != nil {
		return values[0]
	}
	return ""
}

// Has says whether a parameter is there.
func (p Params) Has(name string) bool { return p.All(name) != nil }

// withFilters adds the members of filters={json} to the parameters.
func (p Params) withFilters() (Params, error) {
	for _, text := range p.All("filters") {
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
				p = append(p, Param{name, fmt.Sprint(v)})
			}
		}
	}
	return p, nil
}
