package objects

import (
	"errors"
	"strings"
)

// Refused is what a refusal of Workfront's says that it does not know.
type Refused struct {
	Kind  Kind
	Name  string
	Code  string // of the object type that was asked for it, in whose metadata the real names stand; empty if that is not said
	Field string // of a value: the field, by name or label
}

// ParseRefusal reads the message of a refusal, and says whether it names something unknown.
func ParseRefusal(message string) (Refused, bool) {
	if _, rest, ok := strings.Cut(message, " does not support field "); ok {
		name, object := nameAndObject(rest)
		return Refused{Kind: KindField, Name: name, Code: object}, name != ""
	}
	if _, rest, ok := strings.Cut(message, "does not support action "); ok {
		name, object := nameAndObject(rest)
		return Refused{Kind: KindAction, Name: name, Code: object}, name != ""
	}
	if _, rest, ok := strings.Cut(message, "does not support namedQuery "); ok {
		name, object := nameAndObject(rest)
		return Refused{Kind: KindQuery, Name: name, Code: object}, name != ""
	}
	if _, rest, ok := strings.Cut(message, "no such field: '"); ok {
		name, _, closed := strings.Cut(rest, "'")
		return Refused{Kind: KindField, Name: custom + strings.TrimPrefix(name, custom)}, closed && name != "" && name != "*"
	}
	if _, rest, ok := strings.Cut(message, "Unknown object type: "); ok {
		name := strings.TrimSpace(rest)
		return Refused{Kind: KindObject, Name: name}, name != ""
	}
	if _, rest, ok := strings.Cut(message, "Invalid custom enum value(s) for field '"); ok {
		field, rest, _ := strings.Cut(rest, "': ['")
		value, _, closed := strings.Cut(rest, "'")
		return Refused{Kind: KindValue, Name: value, Field: field}, closed && field != ""
	}
	return Refused{}, false
}

// nameAndObject reads NAME (OBJECT), the object being a code or a name. What is more, as after a line end, does not count.
func nameAndObject(text string) (name, code string) {
	name, object, ok := strings.Cut(text, " (")
	if !ok {
		return strings.TrimSpace(text), ""
	}
	object, _, _ = strings.Cut(object, ")")
	if o, err := Lookup(object); err == nil {
		return name, o.Code
	}
	return name, ""
}

// Explain names the real ones. Where the refusal does not say of which object, o is it; without its metadata there may be
// nothing to name. It is nil where the metadata does have what was refused: then the reason is another.
func (r Refused) Explain(o Object, known Known) *Unknown {
	if r.Kind == KindObject {
		if _, err := Lookup(r.Name); err == nil {
			return nil
		}
		return &Unknown{Kind: r.Kind, Name: r.Name, Nearest: Nearest(r.Name, objectNames)}
	}
	if r.Code != "" {
		if named, err := Lookup(r.Code); err == nil {
			o = named
		}
	}
	m := known(o.Code)
	switch r.Kind {
	case KindField:
		if m == nil {
			return &Unknown{Kind: r.Kind, Name: r.Name, In: o.Code}
		}
		if m.Field(r.Name) != nil {
			return nil
		}
		return m.unknownField(r.Name, "", false)
	case KindAction:
		return explainCall(o.Action(r.Name, m), m == nil, Unknown{Kind: r.Kind, Name: r.Name, In: o.Path(),
			Nearest: Nearest(r.Name, Names(o.Actions()))})
	case KindQuery:
		return explainCall(o.Query(r.Name, m), m == nil, Unknown{Kind: r.Kind, Name: r.Name, In: o.Path(),
			Nearest: Nearest(r.Name, Names(o.Queries()))})
	}
	if m != nil {
		for i := range m.Fields {
			f := &m.Fields[i]
			if strings.EqualFold(f.Name, r.Field) || strings.EqualFold(f.Label, r.Field) {
				return f.unknownValue(f.Name+" of "+o.Path(), r.Name)
			}
		}
	}
	return &Unknown{Kind: r.Kind, Name: r.Name, In: r.Field + " of " + o.Path()}
}

// explainCall is what is known of an action or query: err from the metadata, or the rest from the catalogue alone.
func explainCall(err error, alone bool, rest Unknown) *Unknown {
	if alone {
		return &rest
	}
	unknown, _ := errors.AsType[*Unknown](err)
	return unknown
}
