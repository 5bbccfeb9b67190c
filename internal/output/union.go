package output

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxFlattened is how deep a row's objects become columns of their own where
// the rows tell the columns; what lies deeper stays JSON. Workfront nests four
// deep.
const maxFlattened = 16

// A union is all that rows have keys of, in order of appearance. It holds the
// keys and no row.
type union struct {
	keys    []key
	index   map[string]int // into keys, by name
	path    []byte         // of the key that add is at
	readers readers
}

// A key is one that rows have, by its column's name.
type key struct {
	name  string
	depth int
	top   int // length of the name of the row's own member that it lies in
	// What the key has in some row: something to show in a column of its own,
	// null, or an object, whose members have columns.
	value, null, object bool
}

// column tells whether the key is one. An object is none, be it empty, and
// neither is what is null in one row and an object in another; what is null
// throughout is one.
func (k key) column() bool { return k.value || k.null && !k.object }

// add adds the keys of a row, and checks that it is one.
func (u *union) add(row jsontext.Value) error {
	if row.Kind() != jsontext.KindBeginObject {
		return errNotObject
	}
	if u.index == nil {
		u.index = make(map[string]int)
	}
	u.path = u.path[:0]
	return u.members(row, 0, 0)
}

func (u *union) members(object jsontext.Value, depth, top int) error {
	members, err := u.readers.open(depth, object)
	if err != nil {
		return err
	}
	for prefix := len(u.path); members.more(); {
		name, value, err := members.member()
		if err != nil {
			return err
		}
		u.path = appendText(u.path[:prefix], name)
		if depth == 0 {
			top = len(u.path)
		}
		i, ok := u.index[string(u.path)]
		if !ok {
			i = len(u.keys)
			k := key{name: string(u.path), depth: depth, top: top}
			u.keys = append(u.keys, k)
			u.index[k.name] = i
		}
		k := &u.keys[i]
		switch kind := value.Kind(); {
		case kind == jsontext.KindNull:
			k.null = true
		case kind != jsontext.KindBeginObject || depth == maxFlattened && !empty(value):
			k.value = true
		default:
			k.object = true
			if !empty(value) {
				u.path = append(u.path, ':')
				if err := u.members(value, depth+1, top); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// starred tells whether a field stands for what the rows have below it, and
// for what: owner: for owner:*, and nothing for *. A star inside of a name is a
// part of that name.
func starred(field string) (prefix string, ok bool) {
	prefix, ok = strings.CutSuffix(field, "*")
	for deeper := ok; deeper; { // *:* is what old programs ask for
		prefix, deeper = strings.CutSuffix(prefix, "*:")
	}
	return prefix, ok && (prefix == "" || strings.HasSuffix(prefix, ":"))
}

// open tells whether only the rows can tell which columns there are.
func open(fields []string) bool {
	for _, field := range fields {
		if _, ok := starred(field); ok {
			return true
		}
	}
	return len(fields) == 0
}

// expand puts the rows' keys in place of the fields that are or end in a star.
// No fields means all keys.
func (u *union) expand(fields []string) []string {
	if len(fields) == 0 {
		fields = []string{"*"}
	}
	var names []string
	for _, field := range fields {
		prefix, star := starred(field)
		if !star {
			names = append(names, field)
			continue
		}
		for _, k := range u.keys {
			if k.column() && strings.HasPrefix(k.name, prefix) && !(prefix == "" && covered(k, fields)) {
				names = append(names, k.name)
			}
		}
	}
	return names
}

// covered tells whether a key lies in an object that some field speaks of: who
// names owner:name beside a star wants no more of the owner, and no column for
// one who is null.
func covered(k key, fields []string) bool {
	if k.depth == 0 && k.value {
		return false
	}
	object := k.name[:k.top]
	for _, field := range fields {
		if field == object && k.depth > 0 || strings.HasPrefix(field, object+":") {
			return true
		}
	}
	return false
}
