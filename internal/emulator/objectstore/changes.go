package objectstore

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// change is what a request wants of one object.
type change struct {
	id     string // of the object, in bulk updates
	fields []*field
	values []value
}

func (ch change) apply(t *table, row int32) {
	for i, f := range ch.fields {
		t.set(f, row, ch.values[i])
	}
}

// text is what the change makes of a text field, "" if nothing.
func (ch change) text(f *field) string {
	if i := slices.Index(ch.fields, f); i >= 0 {
		return ch.values[i].text
	}
	return ""
}

// changes reads what to change, from updates={json} or from the parameters that are left.
func (q *query) changes(t *table) (changes []change, bulk bool, err error) {
	form := make(map[string]any)
	for _, p := range q.Params {
		switch p.Name {
		case "updates", "ID", "id", "ids", "copySourceID", "atomic", "force", "action":
		default:
			if !isInstruction(p.Name) {
				form[p.Name] = p.Value
			}
		}
	}
	if !q.Params.Has("updates") {
		ch, err := q.change(t, form)
		return []change{ch}, false, err
	}
	for name := range form {
		return nil, false, invalid("Cannot mix 'updates' JSON parameter with non-JSON update parameter '%s'", name)
	}
	updates := []byte(q.Params.Get("updates"))
	var one map[string]any
	if unmarshalNumbers(updates, &one) == nil && one != nil {
		ch, err := q.change(t, one)
		return []change{ch}, false, err
	}
	var several []map[string]any
	if err := unmarshalNumbers(updates, &several); err != nil || len(several) == 0 {
		return nil, false, invalid("Invalid Parameter: updates value is neither a JSON object nor an array of them")
	}
	if len(several) > maxBulk {
		return nil, false, tooManyObjects()
	}
	for _, object := range several {
		ch, err := q.change(t, object)
		if err != nil {
			return nil, false, err
		}
		changes = append(changes, ch)
	}
	return changes, true, nil
}

// change checks the wishes for one object.
func (q *query) change(t *table, wishes map[string]any) (ch change, err error) {
	for _, name := range slices.Sorted(maps.Keys(wishes)) {
		if name == "ID" {
			ch.id, _ = wishes[name].(string)
			continue
		}
		if name == "objCode" {
			continue
		}
		f := t.class.field(name)
		if f == nil {
			return ch, q.unknownField(t.class, name)
		}
		if f.readOnly {
			return ch, invalid("The field %s (%s) is read-only", name, t.class.name)
		}
		v, err := q.parseValue(f, wishes[name])
		if err != nil {
			return ch, err
		}
		ch.fields = append(ch.fields, f)
		ch.values = append(ch.values, v)
	}
	return ch, nil
}

// parseValue reads a new value from a form's text or from JSON.
func (q *query) parseValue(f *field, wish any) (value, error) {
	var text string
	switch w := wish.(type) {
	case nil:
		return null(), nil
	case string:
		text = w
	case json.Number:
		text = w.String()
	case bool:
		text = strconv.FormatBool(w)
	default:
		return null(), invalid("argument type mismatch")
	}
	if text == "" {
		return null(), nil
	}
	switch f.kind {
	case kindText:
		return textValue(text), nil
	case kindChoice:
		base, _, _ := strings.Cut(text, ":") // CPL:A is a status awaiting approval
		if !slices.ContainsFunc(f.choices, func(known choice) bool { return known.value == base }) {
			return null(), invalid("Invalid custom enum value(s) for field '%s': ['%s']", f.label, text)
		}
		return textValue(text), nil
	}
	operand, err := q.parseOperand(f, f.name, text)
	if err != nil || f.kind == kindReference && operand.low < 0 {
		return null(), invalid("Invalid Parameter: %s value %q", f.name, text)
	}
	return number(operand.low), nil
}

// unmarshalNumbers keeps numbers as they were written.
func unmarshalNumbers(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}
