package objectstore

import "strings"

// compileExists makes the condition that there is, or with $$EXISTSMOD=NOTEXISTS is not, an object of the type $$OBJCODE
// that meets a filter of its own. FIELD:name there is the field of the row that is asked about.
func (q *query) compileExists(in scope, p Params) (condition, error) {
	var inner Params
	code, mod := "", "EXISTS"
	for _, given := range p {
		switch given.Name {
		case "$$OBJCODE":
			code = strings.TrimSpace(given.Value)
		case "$$EXISTSMOD":
			mod = strings.TrimSpace(given.Value)
		default:
			inner = append(inner, given)
		}
	}
	t := q.store.table(code)
	switch {
	case code == "":
		return condition{}, invalid("Invalid Parameter: $$OBJCODE value \"\"")
	case t == nil:
		return condition{}, unknownObject(code)
	case mod != "EXISTS" && mod != "NOTEXISTS":
		return condition{}, invalid("Invalid Parameter: $$EXISTSMOD value %q", mod)
	}
	f, err := q.compile(scope{table: t, outer: in.table}, inner)
	if err != nil {
		return condition{}, err
	}
	return condition{test: func(row, _ int32) bool { return f.any(t, row) == (mod == "EXISTS") }}, nil
}

// compareFields makes the condition that a field compares so with another, FIELD:name: of the same object, or within
// EXISTS of the outer one.
func (q *query) compareFields(in scope, at path, op operator, given operands, name string) (condition, error) {
	t := in.table
	if in.outer != nil {
		t = in.outer
	}
	other, err := q.resolve(t, name)
	if err != nil {
		return condition{}, err
	}
	compare, err := comparison(op, given)
	if err != nil {
		return condition{}, err
	}
	if isTextual(at.last()) != isTextual(other.last()) {
		return condition{}, invalid("Invalid Parameter: %s value %q", given.name, given.values[0])
	}
	read := func(p path, row int32) value {
		v := p.read(row)
		v.text = p.text(v, q.store)
		if v.text != "" {
			v.number = 0 // what a reference is known by elsewhere is a row here
			if op.fold {
				v.text = strings.ToLower(v.text)
			}
		}
		return v
	}
	c := condition{test: func(row, outer int32) bool {
		if in.outer == nil {
			outer = row
		}
		a, b := read(at, row), read(other, outer)
		if a.null || b.null {
			return op.negated && !op.strict
		}
		return compare(compareValues(a, b)) != op.negated
	}}
	if in.outer != nil && op.name == "eq" && !op.negated && at.own() {
		c.only = q.related(at.steps[0], other)
	}
	return c, nil
}

// related finds the rows whose field equals one of an outer row, where references lead there.
func (q *query) related(inner step, other path) func(outer int32) []int32 {
	target := other.last().target
	if other.last().kind == kindID {
		target = other.steps[len(other.steps)-1].table.class.code
	}
	number := func(outer int32) (int32, bool) {
		if other.last().kind == kindID && other.own() {
			return outer, true
		}
		v := other.read(outer)
		return int32(v.number), !v.null
	}
	switch {
	case other.last().kind != kindReference && !(other.last().kind == kindID && other.own()):
		return nil
	case inner.field.kind == kindReference && inner.field.target == target:
		return func(outer int32) []int32 {
			if row, ok := number(outer); ok {
				return inner.table.referring(inner.field, row)
			}
			return nil
		}
	case inner.field.kind == kindID && inner.table.class.code == target:
		return func(outer int32) []int32 {
			if row, ok := number(outer); ok {
				return []int32{row}
			}
			return nil
		}
	}
	return nil
}

// isTextual tells what compares as text; references do, by their IDs.
func isTextual(f *field) bool {
	switch f.kind {
	case kindText, kindChoice, kindID, kindObjCode, kindReference:
		return true
	}
	return false
}

// comparison turns an operator into a test of how two values compare.
func comparison(op operator, given operands) (func(order int) bool, error) {
	switch op.name {
	case "eq":
		return func(order int) bool { return order == 0 }, nil
	case "lt":
		return func(order int) bool { return order < 0 }, nil
	case "lte":
		return func(order int) bool { return order <= 0 }, nil
	case "gt":
		return func(order int) bool { return order > 0 }, nil
	case "gte":
		return func(order int) bool { return order >= 0 }, nil
	}
	return nil, invalid("Invalid Parameter: %s_Mod value %q", given.name, given.modifier)
}
