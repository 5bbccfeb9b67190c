package objects

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Writable returns an error for what is no field of the object itself, as far as m tells; m may be nil. It is an [Unknown] or a
// [Malformed].
func (m *Metadata) Writable(name string) error {
	path, err := ParsePath(name)
	switch {
	case err != nil:
		return err
	case len(path.References) > 0:
		return &Malformed{Text: name, Why: "fields of other objects cannot be written through a reference"}
	case m == nil:
		return nil
	}
	_, err = path.Resolve(Object{Code: m.Code}, func(string) *Metadata { return m })
	return err
}

// Member makes the JSON value of a field of one that is JSON already: a text is read as the type of its field, all else is taken as
// it is. m may be nil. The errors are those of [Metadata.Value].
func (m *Metadata) Member(name string, v jsontext.Value) (jsontext.Value, error) {
	if m == nil || v.Kind() != '"' {
		return v, nil
	}
	if f := m.Field(name); f == nil || f.Role == Reference || f.Role == Collection || f.Type == "map" || f.Type == "string[]" {
		if !m.isID(name) {
			return v, nil
		}
	}
	text := plain(v)
	if text == "" {
		return v, nil // what empties a field, whatever its type
	}
	return m.Value(name, text)
}

// AskedBack are the fields to ask for in order to see whether what was written to a field was taken: itself, or of objects in it the
// members that were written. There are none for a field that can only be written. m may be nil.
func (m *Metadata) AskedBack(name string, sent jsontext.Value) []string {
	if m != nil {
		if f := m.Field(name); f != nil && f.Has("WRITE_ONLY") {
			return nil
		}
	}
	var names []string
	add := func(object jsontext.Value) {
		members, values, err := parts(object)
		for i, member := range members {
			below := name + ":" + member
			if kind := values[i].Kind(); err == nil && kind != '{' && kind != '[' && !slices.Contains(names, below) {
				names = append(names, below)
			}
		}
	}
	switch f := m.role(name); {
	case sent.Kind() == '{' && f == Reference:
		add(sent)
	case sent.Kind() == '[' && f != Plain && f != Custom:
		_, elements, _ := parts(sent)
		for _, element := range elements {
			if element.Kind() == '{' {
				add(element)
			}
		}
	}
	if names == nil {
		names = []string{name}
	}
	return names
}

// role is what a field is; 0: that is not known.
func (m *Metadata) role(name string) Role {
	if m == nil {
		return 0
	}
	if f := m.Field(name); f != nil {
		return f.Role
	}
	return 0
}
