package objectstore

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// apply does the wishes for one object. Some are ignored without a word, as users have found.
func (q *query) apply(t *table, row int32, w wish, creating bool) error {
	for _, name := range slices.Sorted(maps.Keys(w)) {
		if name == "ID" || name == "objCode" || isUpload(t, name) {
			continue
		}
		if name == "parameterValues" {
			if !creating {
				continue // custom fields are changed at the top level only
			}
			if err := q.applyCustom(t, row, w[name]); err != nil {
				return err
			}
			continue
		}
		if collected, ok := t.class.collection(name); ok {
			if err := q.replace(t, row, collected, w[name]); err != nil {
				return err
			}
			continue
		}
		f, wanted := t.class.field(name), w[name]
		if nested, ok := wanted.(map[string]any); ok && t.class.reference(name) != nil {
			f, wanted = t.class.reference(name), nested["ID"]
		}
		if err := q.applyField(t, row, f, name, wanted, creating); err != nil {
			return err
		}
	}
	return nil
}

func (q *query) applyField(t *table, row int32, f *field, name string, wanted any, creating bool) error {
	if custom, ok := strings.CutPrefix(name, "DE:"); ok && f == nil {
		return parameterNotFound(custom)
	}
	if f == nil {
		return q.unknownField(t.class, name)
	}
	if f.readOnly {
		return invalid("The field %s (%s) is read-only", name, t.class.name)
	}
	if f.frozen && !creating {
		return nil
	}
	v, err := q.parseValue(f, wanted)
	if err != nil {
		return err
	}
	if f.unique && !v.null && q.taken(t, f, row, v) {
		return invalid("Invalid Parameter: %s value %q is in use", name, v.text)
	}
	if f.kind == kindReference && f.target == t.class.code && !v.null && t.leadsTo(f, int32(v.number), row) {
		return invalid("Invalid Parameter: %s value %q", name, t.id(int32(v.number)))
	}
	q.txn.set(t, f, row, v)
	return nil
}

// applyCustom sets the custom fields of a new object, whose names may come without DE:.
func (q *query) applyCustom(t *table, row int32, wanted any) error {
	values, ok := wanted.(map[string]any)
	if !ok {
		return invalid("argument type mismatch")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		full := "DE:" + strings.TrimPrefix(name, "DE:")
		if err := q.applyField(t, row, t.class.field(full), full, values[name], true); err != nil {
			return err
		}
	}
	return nil
}

func parameterNotFound(name string) *Refusal {
	return &Refusal{Reason: NotFound, Class: classRecordNotFound, Message: "Parameter with primary key value(s) " + strconv.Quote(name) + " not found"}
}

// taken says whether another object has that text already.
func (q *query) taken(t *table, f *field, row int32, v value) bool {
	return slices.ContainsFunc(t.order, func(other int32) bool { return other != row && strings.EqualFold(t.get(f, other).text, v.text) })
}

// leadsTo says whether a chain of references such as parents comes to a row.
func (t *table) leadsTo(f *field, from, to int32) bool {
	for range len(t.ids) {
		if from == to {
			return f.owned // a person may be asked to manage themselves, but nothing is its own parent
		}
		v := t.get(f, from)
		if v.null {
			return false
		}
		from = int32(v.number)
	}
	return true
}

// replace makes a collection what the request says: members that have an ID are changed, those without are made, and all
// others go.
func (q *query) replace(t *table, row int32, collected collection, wanted any) error {
	list, ok := wanted.([]any)
	if !ok {
		return invalid("argument type mismatch")
	}
	members := q.store.tables[collected.target]
	by := members.class.field(collected.by)
	if by.kind != kindReference {
		return invalid("The field %s (%s) is read-only", collected.name, t.class.name)
	}
	before := members.members(by, t, row)
	var kept []int32
	for _, one := range list {
		member, ok := one.(map[string]any)
		if !ok {
			return invalid("argument type mismatch")
		}
		var at int32
		if id := wish(member).id(); id != "" {
			var err error
			if at, err = members.find(id); err != nil {
				return err
			}
			if err := q.apply(members, at, member, false); err != nil {
				return err
			}
			q.txn.set(members, by, at, number(float64(row)))
		} else {
			member = maps.Clone(member)
			member[by.name] = t.id(row).String()
			var err error
			if at, err = q.insert(members, -1, member); err != nil {
				return err
			}
		}
		kept = append(kept, at)
	}
	for _, at := range before {
		if slices.Contains(kept, at) {
			continue
		}
		if by.owned {
			q.txn.remove(members, at)
		} else {
			q.txn.set(members, by, at, null())
		}
	}
	return nil
}

// remove deletes an object and what it owns, and leaves no reference to either.
func (x *txn) remove(t *table, row int32) {
	if !t.alive[row] {
		return
	}
	x.drop(t, row)
	for _, other := range x.store.list {
		if other.parts != nil {
			continue
		}
		for _, f := range other.class.fields {
			if f.kind != kindReference || f.target != t.class.code {
				continue
			}
			for _, referring := range other.referring(f, row) {
				if f.owned {
					x.remove(other, referring)
				} else {
					x.set(other, f, referring, null())
				}
			}
		}
	}
}
