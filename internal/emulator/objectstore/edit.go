package objectstore

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBulk is how many objects one request may change.
const maxBulk = 100

// create makes one object of form fields or updates={…}, several of updates=[…], or a
// copy of copySourceID with those changes.
func (q *query) create(dst []byte, t *table) ([]byte, error) {
	changes, bulk, err := q.changes(t)
	if err != nil {
		return nil, err
	}
	source := int32(-1)
	if id := q.Params.Get("copySourceID"); id != "" {
		rows, err := q.find(t, []string{id})
		if err != nil {
			return nil, err
		}
		source = rows[0]
	}
	selected, err := q.selectFields(t)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if name := t.class.field("name"); name != nil && source < 0 && change.text(name) == "" {
			return nil, invalid("Invalid Parameter: name value \"\"")
		}
	}
	rows := make([]int32, len(changes))
	for i, change := range changes {
		rows[i] = q.insert(t, source, change)
	}
	if bulk {
		return appendList(dst, selected, rows, q.Version), nil
	}
	return selected.appendObject(dst, rows[0], q.Version), nil
}

// insert adds an object: the defaults or a copy, then the changes.
func (q *query) insert(t *table, source int32, change change) int32 {
	row := t.add(newID(q.Now))
	for _, f := range t.class.fields {
		if source >= 0 && f.kind != kindID && f.kind != kindObjCode {
			t.set(f, row, t.get(f, source))
		}
	}
	if source < 0 {
		t.setDefaults(row, q.Now)
	}
	if f := t.class.field("entryDate"); f != nil && f.readOnly {
		t.set(f, row, number(float64(q.Now.UnixMilli())))
	}
	change.apply(t, row)
	if t.class.code == "TASK" {
		t.numberTask(row)
	}
	t.link(row)
	return row
}

// setDefaults fills what no object is without.
func (t *table) setDefaults(row int32, now time.Time) {
	for _, f := range t.class.fields {
		switch {
		case f.kind == kindChoice:
			t.set(f, row, textValue(f.choices[0].value))
		case f.kind == kindDateTime && !strings.HasPrefix(f.name, "actual"), f.kind == kindDate:
			t.set(f, row, number(float64(now.UnixMilli())))
		case f.kind == kindBool, f.name == "priority", f.name == "percentComplete":
			t.set(f, row, number(0))
		}
	}
}

// numberTask gives a new task its place: after all others of its project.
func (t *table) numberTask(row int32) {
	project := t.numbers[t.class.field("projectID").column]
	n := 1
	for _, other := range t.order {
		if project[other] == project[row] {
			n++
		}
	}
	t.set(t.class.field("taskNumber"), row, number(float64(n)))
	t.set(t.class.field("wbs"), row, textValue(strconv.Itoa(n)))
}

// edit changes one object or several.
func (q *query) edit(dst []byte, t *table) ([]byte, error) {
	changes, bulk, err := q.changes(t)
	if err != nil {
		return nil, err
	}
	selected, err := q.selectFields(t)
	if err != nil {
		return nil, err
	}
	ids := q.ids()
	for _, change := range changes {
		if change.id != "" && q.ID == "" {
			ids = append(ids, change.id)
		}
	}
	rows, err := q.findOpen(t, ids)
	if err != nil {
		return nil, err
	}
	if !bulk {
		changes = slices.Repeat(changes, len(rows))
	}
	if len(changes) != len(rows) {
		return nil, invalid("%d updates for %d objects", len(changes), len(rows))
	}
	for i, row := range rows {
		changes[i].apply(t, row)
		if f := t.class.field("lastUpdateDate"); f != nil {
			t.set(f, row, number(float64(q.Now.UnixMilli())))
		}
	}
	return q.appendRows(dst, selected, rows), nil
}

// remove deletes one object or several.
func (q *query) remove(dst []byte, t *table) ([]byte, error) {
	rows, err := q.findOpen(t, q.ids())
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		q.store.remove(t, row)
	}
	return append(dst, `{"success":true}`...), nil
}

// remove deletes an object and what it owns, and leaves no reference to either.
func (s *Store) remove(t *table, row int32) {
	t.unlink(row)
	for _, other := range s.tables {
		for _, f := range other.class.fields {
			if f.kind != kindReference || f.target != t.class.code {
				continue
			}
			for referring, target := range other.numbers[f.column] {
				if int32(target) != row || math.IsNaN(target) {
					continue
				}
				other.set(f, int32(referring), null())
				if f.owned {
					s.remove(other, int32(referring))
				}
			}
		}
	}
}

// findOpen finds objects that are to be changed. Below a project that is complete nothing may be.
func (q *query) findOpen(t *table, ids []string) ([]int32, error) {
	if len(ids) > maxBulk {
		return nil, tooManyObjects()
	}
	rows, err := q.find(t, ids)
	if err != nil {
		return nil, err
	}
	at, err := q.resolve(t, "project:status")
	if err != nil {
		return rows, nil // not an object below a project
	}
	for _, row := range rows {
		if at.read(row).text == "CPL" {
			return nil, &Refusal{
				Reason: Forbidden, Class: "com.attask.common.ProjectStatusViolationException", Full: true,
				Message: "Unable to complete operation for a project of status Complete",
			}
		}
	}
	return rows, nil
}

func tooManyObjects() error {
	return invalid("The number of objects is greater than the maximum allowed of %d", maxBulk)
}
