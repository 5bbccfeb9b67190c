package objectstore

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"
)

// action is something that can be done to objects by its name.
type action struct {
	name      string
	arguments []argument
	result    string // the Java type that metadata name; "" for those that have none
	each      bool   // it is done to the objects that the request names
	do        func(a *act) (string, error)
}

// argument is one that an action takes.
type argument struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// act is an action that is being done.
type act struct {
	*query
	table *table
	row   int32 // of an action that is done to each
	args  wish
}

// onEach is an action on the objects that a request names. Arguments are texts unless they say what else: "options:string[]".
func onEach(name, result, arguments string, do func(a *act) (string, error)) action {
	return action{name, argumentList("ID " + arguments), result, true, do}
}

// onNone is an action whose objects are among its arguments, if it has any.
func onNone(name, result, arguments string, do func(a *act) (string, error)) action {
	return action{name, argumentList(arguments), result, false, do}
}

func argumentList(text string) []argument {
	list := []argument{}
	for word := range strings.FieldsSeq(text) {
		name, kind, _ := strings.Cut(word, ":")
		list = append(list, argument{name, cmp.Or(kind, "string")})
	}
	return list
}

// act does an action. Its result is JSON, null for most.
func (q *query) act(dst []byte, t *table) ([]byte, error) {
	i := slices.IndexFunc(t.class.actions, func(known action) bool { return known.name == q.Name })
	if i < 0 {
		return nil, unsupported("APIModel %s does not support action %s (%s)", q.Model, q.Name, t.class.name)
	}
	known := t.class.actions[i]
	a := &act{query: q, table: t}
	var err error
	if a.args, err = q.arguments(known); err != nil {
		return nil, err
	}
	ids := []string{""}
	if known.each {
		if ids = q.ids(); len(ids) == 0 && a.args.id() != "" {
			ids = []string{a.args.id()}
		}
		switch {
		case len(ids) == 0:
			return nil, unsupported("you must specify an ID")
		case len(ids) > maxBulk:
			return nil, tooManyObjects()
		}
	}
	result := "null"
	if err := q.each(len(ids), func(i int) error {
		if known.each {
			if a.row, err = q.findOpen(t, ids[i]); err != nil {
				return err
			}
		}
		answer, err := known.do(a)
		if answer != "" {
			result = answer
		}
		return err
	}); err != nil {
		return nil, err
	}
	return append(append(dst, `{"result":`...), result+"}"...), nil
}

// arguments reads an action's arguments from updates={…} or from the parameters, which have no arrays.
func (q *query) arguments(known action) (wish, error) {
	args := make(wish)
	if text := q.Params.Get("updates"); text != "" {
		if err := unmarshalNumbers([]byte(text), &args); err != nil || args == nil {
			return nil, invalid("Invalid Parameter: updates value is not a JSON object")
		}
	}
	maps.DeleteFunc(args, func(name string, _ any) bool {
		return !slices.ContainsFunc(known.arguments, func(argument argument) bool { return argument.Name == name })
	})
	for _, argument := range known.arguments {
		values := q.Params.All(argument.Name)
		if argument.Name == "ID" || values == nil {
			continue
		}
		if argument.Type == "string[]" && argument.Name != "forbiddenActions" {
			return nil, invalid("argument type mismatch")
		}
		args[argument.Name] = values[0]
	}
	for _, argument := range known.arguments {
		wanted, ok := args[argument.Name]
		if !ok {
			continue
		}
		_, isList := wanted.([]any)
		_, isMap := wanted.(map[string]any)
		if wanted != nil && (isList != (argument.Type == "string[]") && argument.Name != "forbiddenActions" || isMap != (argument.Type == "map")) {
			return nil, invalid("argument type mismatch")
		}
	}
	return args, nil
}

// text is an argument's text, "" if it was not given.
func (a *act) text(name string) string {
	text, _ := scalar(a.args[name])
	return text
}

// list is an argument's texts.
func (a *act) list(name string) (texts []string) {
	list, _ := a.args[name].([]any)
	for _, one := range list {
		if text, ok := scalar(one); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// find finds the object that an argument names; none if it is empty.
func (a *act) find(code, name string) (value, error) {
	text := a.text(name)
	if text == "" {
		return null(), nil
	}
	row, err := a.store.tables[code].find(text)
	return number(float64(row)), err
}

// set changes a field of the object that the action is done to.
func (a *act) set(name string, v value) {
	if f := a.table.class.field(name); f != nil {
		a.txn.set(a.table, f, a.row, v)
	}
}

func (a *act) get(name string) value { return a.table.get(a.table.class.field(name), a.row) }

// jsonID is the JSON of an object's ID.
func (t *table) jsonID(row int32) string { return `"` + t.id(row).String() + `"` }

// newID makes the ID of an object that is created now.
func newID(now time.Time) (i id) {
	binary.BigEndian.PutUint32(i[:4], uint32(now.Unix()))
	rand.Read(i[4:]) // never fails: crypto/rand ends the program instead
	return i
}
