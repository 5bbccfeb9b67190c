package objects

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Value makes the JSON value of a field of text, by the field's type. m may be nil, as may be what it says of the field: text
// is sent as text then. The error is a [Malformed] whose text is that of the value, or an [Unknown] for a field that the
// object does not have, or for a value that an enumerated field of another type than text does not have.
func (m *Metadata) Value(name, text string) (jsontext.Value, error) {
	if m == nil {
		return quote(text), nil
	}
	f, err := (Path{Field: name}).Resolve(Object{Code: m.Code}, func(string) *Metadata { return m })
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(text, "$$") && (f == nil || f.Role == Plain || f.Role == Custom) {
		return quote(text), nil // $$USER.ID, $$TODAY+1w: the server puts something of the field's type in its place
	}
	if m.isID(name) && !isID(text) {
		return nil, &Malformed{Text: text, Why: name + " is an ID: 32 hexadecimal digits"}
	}
	if f == nil {
		return quote(text), nil
	}
	if f.Role == Reference || f.Role == Collection {
		return nil, f.wantsObject(text)
	}
	v, err := typed(name, f.Type, text)
	if unknown := m.Note(name, text); err != nil && unknown != nil {
		return nil, unknown // those it has tell more than its type
	}
	return v, err
}

// Value makes the JSON value of an argument of an action or query, as [Metadata.Value] does that of a field.
func (c *Call) Value(name, text string) (jsontext.Value, error) {
	if c != nil {
		for _, a := range c.Arguments {
			if a.Name == name {
				return typed(name, a.Type, text)
			}
		}
	}
	return quote(text), nil
}

// Assigned makes the JSON value of an argument as [Assignment.Value] does that of a field. The error may be an [Unknown].
func (c *Call) Assigned(a Assignment) (jsontext.Value, error) {
	if c != nil {
		if err := c.Check(a.Name); err != nil {
			return nil, err
		}
	}
	switch a.Form {
	case Null:
		return jsontext.Value("null"), nil
	case JSON:
		return jsontext.Value(a.Text), nil
	}
	return c.Value(a.Name, a.Text)
}

// Value makes the JSON value of an assignment to a field of an object of which m is the metadata, or nil. A [File] is to be
// read before, and its content given as [Text].
func (a Assignment) Value(m *Metadata) (jsontext.Value, error) {
	switch a.Form {
	case Null:
		return jsontext.Value("null"), nil
	case JSON:
		return jsontext.Value(a.Text), nil
	}
	return m.Value(a.Name, a.Text)
}

// Note is what is to be said of a value that its field may not have: the statuses of a group are not in the metadata, so
// that it is no error. It is nil where there is nothing to say.
func (m *Metadata) Note(name, text string) *Unknown {
	if m == nil {
		return nil
	}
	f := m.Field(name)
	if f == nil {
		return nil
	}
	return f.unknownValue(name+" of "+strings.ToLower(m.Code), text)
}

// Replaces says whether a field is a collection: what is written to it takes the place of all that was there.
func (m *Metadata) Replaces(name string) bool {
	if m == nil {
		return false
	}
	f := m.Field(name)
	return f != nil && f.Role == Collection
}

// isID says whether a field holds the ID of an object: its own, or that of a reference that has its name.
func (m *Metadata) isID(name string) bool {
	if name == "ID" {
		return true
	}
	reference, ok := strings.CutSuffix(name, "ID")
	if !ok {
		return false
	}
	f := m.Field(reference)
	return f != nil && f.Role == Reference
}

func isID(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

func (f *Field) wantsObject(text string) error {
	if f.Role == Collection {
		return &Malformed{Text: text, Why: f.Name + " is a collection, written as JSON: " + f.Name + `:=[{"ID":"…"}]`}
	}
	return &Malformed{Text: text, Why: f.Name + " is an object; its ID goes into " + f.Name + "ID"}
}

// typed makes a value of a type. The text of a type that is not known stays text.
func typed(name, kind, text string) (jsontext.Value, error) {
	wants := func(what string) error {
		return &Malformed{Text: text, Why: name + " is " + what}
	}
	switch kind {
	case "boolean":
		switch strings.ToLower(text) {
		case "true", "false":
			return jsontext.Value(strings.ToLower(text)), nil
		}
		return nil, wants("true or false")
	case "int", "integer", "long":
		if !isNumber(text) || strings.ContainsAny(text, ".eE") {
			return nil, wants("a whole number, such as 12")
		}
		return jsontext.Value(text), nil
	case "double", "float", "number":
		if !isNumber(text) {
			return nil, wants("a number with a point, such as 12.50")
		}
		return jsontext.Value(text), nil
	case "date", "dateTime":
		moment, ok := parseMoment(text)
		if !ok {
			return nil, wants("a date, such as 2026-12-24 or 2026-12-24T17:00:00+01:00")
		}
		return quote(moment.String()), nil
	case "string[]":
		return texts(text), nil
	case "map":
		return nil, wants("a map, written as JSON: " + name + ":={}")
	}
	return quote(text), nil
}

// isNumber says whether a text is a number as JSON writes it.
func isNumber(text string) bool {
	v := jsontext.Value(text)
	return v.Kind() == '0' && v.IsValid() && strings.TrimSpace(text) == text
}

// texts makes an array of a list with commas.
func texts(text string) jsontext.Value {
	array := []byte("[")
	for item := range list(text) {
		if len(array) > 1 {
			array = append(array, ',')
		}
		array = appendQuoted(array, item)
	}
	return append(array, ']')
}

func quote(text string) jsontext.Value { return appendQuoted(nil, text) }
