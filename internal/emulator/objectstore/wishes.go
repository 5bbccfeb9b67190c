package objectstore

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// wish is what a request wants of one object: members of a JSON object, or a form's fields, which are all text.
type wish map[string]any

// id is the object that a bulk edit means.
func (w wish) id() string {
	id, _ := w["ID"].(string)
	return id
}

func (w wish) has(name string) bool {
	_, ok := w[name]
	return ok
}

// wishes reads what to change: from updates={…} or updates=[…], else from the parameters that are left.
func (q *query) wishes() (wishes []wish, bulk bool, err error) {
	form := make(wish)
	for _, p := range q.Params {
		switch p.Name {
		case "updates", "ID", "id", "ids", "copySourceID", "atomic", "force", "action":
		default:
			if isInstruction(p.Name) {
				continue
			}
			if p.Name == "options" && q.Params.Has("copySourceID") {
				if err := checkOptions(p.Value); err != nil {
					return nil, false, err
				}
				continue
			}
			if isCredential(p.Name) {
				return nil, false, wrongLogin()
			}
			form[p.Name] = p.Value // of several the last one counts
		}
	}
	if !q.Params.Has("updates") {
		return []wish{form}, false, nil
	}
	for name := range form {
		return nil, false, invalid("Cannot mix 'updates' JSON parameter with non-JSON update parameter '%s'", name)
	}
	updates := []byte(q.Params.Get("updates"))
	var one wish
	if unmarshalNumbers(updates, &one) == nil && one != nil {
		return []wish{one}, false, nil
	}
	if err := unmarshalNumbers(updates, &wishes); err != nil || len(wishes) == 0 || slices.ContainsFunc(wishes, func(w wish) bool { return w == nil }) {
		return nil, false, invalid("Invalid Parameter: updates value is neither a JSON object nor an array of them")
	}
	if len(wishes) > maxBulk {
		return nil, false, tooManyObjects()
	}
	return wishes, true, nil
}

// checkOptions looks at the options of a copy, a list of names. What each stands for is documented nowhere, and a copy here is the same with them.
func checkOptions(text string) error {
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil || names == nil {
		return invalid("Invalid Parameter: options value %q", text)
	}
	return nil
}

// parseValue reads a new value from a form's text or from JSON.
func (q *query) parseValue(f *field, wanted any) (value, error) {
	text, ok := scalar(wanted)
	if !ok {
		return null(), invalid("argument type mismatch")
	}
	if text == "" {
		return null(), nil
	}
	switch f.kind {
	case kindText:
		return textValue(text), nil
	case kindChoice:
		base, suffix, _ := strings.Cut(text, ":") // CPL:A is a status awaiting approval
		if len(suffix) > 1 || !slices.ContainsFunc(f.choices, func(known choice) bool { return known.value == base }) {
			return null(), invalid("Invalid custom enum value(s) for field '%s': ['%s']", f.label, text)
		}
		return textValue(text), nil
	}
	if strings.HasPrefix(text, "$$USER.") {
		if ids := q.wildcards(text); len(ids) == 1 {
			text = ids[0]
		}
	}
	operand, err := q.parseOperand(f, f.name, text)
	if err != nil || f.kind == kindReference && operand.low < 0 {
		return null(), invalid("Invalid Parameter: %s value %q", f.name, text)
	}
	return number(operand.low), nil
}

// scalar is a value that is neither an array nor an object as a form would carry it.
func scalar(wanted any) (text string, ok bool) {
	switch w := wanted.(type) {
	case nil:
		return "", true
	case string:
		return w, true
	case json.Number:
		return w.String(), true
	case bool:
		return strconv.FormatBool(w), true
	}
	return "", false
}

// unmarshalNumbers keeps numbers as they were written.
func unmarshalNumbers(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}
