package emulator

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBulk is how many objects one request may change.
const maxBulk = 100

// create answers POST /proj: one object of form fields or updates={…}, several of updates=[…], or a
// copy of copySourceID with those changes.
func (c *call) create(dst []byte, t *table) ([]byte, error) {
	if len(c.path) > 1 {
		return nil, c.tooManyParts()
	}
	d := c.tenant.data
	d.mu.Lock()
	defer d.mu.Unlock()
	changes, bulk, err := c.changes(t)
	if err != nil {
		return nil, err
	}
	source := int32(-1)
	if id := c.params.get("copySourceID"); id != "" {
		rows, err := c.find(t, []string{id})
		if err != nil {
			return nil, err
		}
		source = rows[0]
	}
	selected, err := c.selectFields(t)
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
		rows[i] = c.insert(t, source, change)
	}
	if bulk {
		return appendList(dst, selected, rows, c.version), nil
	}
	return selected.appendObject(dst, rows[0], c.version), nil
}

// insert adds an object: the defaults or a copy, then the changes.
func (c *call) insert(t *table, source int32, change change) int32 {
	row := t.add(newID(c.now))
	for _, f := range t.class.fields {
		if source >= 0 && f.kind != kindID && f.kind != kindObjCode {
			t.set(f, row, t.get(f, source))
		}
	}
	if source < 0 {
		t.setDefaults(row, c.now)
	}
	if f := t.class.field("entryDate"); f != nil && f.readOnly {
		t.set(f, row, number(float64(c.now.UnixMilli())))
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

// put answers PUT: a change of one object, of several, or an action.
func (c *call) put(dst []byte, t *table) ([]byte, error) {
	d := c.tenant.data
	d.mu.Lock()
	defer d.mu.Unlock()
	if action := c.action(); action != "" {
		return c.act(dst, t, action)
	}
	changes, bulk, err := c.changes(t)
	if err != nil {
		return nil, err
	}
	selected, err := c.selectFields(t)
	if err != nil {
		return nil, err
	}
	ids := c.ids()
	for _, change := range changes {
		if change.id != "" && len(c.path) == 1 {
			ids = append(ids, change.id)
		}
	}
	rows, err := c.findOpen(t, ids)
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
			t.set(f, row, number(float64(c.now.UnixMilli())))
		}
	}
	return c.appendRows(dst, selected, rows), nil
}

// remove answers DELETE of one object or of several.
func (c *call) remove(dst []byte, t *table) ([]byte, error) {
	d := c.tenant.data
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, err := c.findOpen(t, c.ids())
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		d.remove(t, row)
	}
	return append(dst, `{"success":true}`...), nil
}

// remove deletes an object and what it owns, and leaves no reference to either.
func (d *data) remove(t *table, row int32) {
	t.unlink(row)
	for _, other := range d.tables {
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
					d.remove(other, int32(referring))
				}
			}
		}
	}
}

// findOpen finds objects that are to be changed. Below a project that is complete nothing may be.
func (c *call) findOpen(t *table, ids []string) ([]int32, error) {
	if len(ids) > maxBulk {
		return nil, tooManyObjects()
	}
	rows, err := c.find(t, ids)
	if err != nil {
		return nil, err
	}
	at, err := c.resolve(t, "project:status")
	if err != nil {
		return rows, nil // not an object below a project
	}
	for _, row := range rows {
		if at.read(row).text == "CPL" {
			return nil, &apiError{
				status: http.StatusForbidden, class: "com.attask.common.ProjectStatusViolationException", full: true,
				message: "Unable to complete operation for a project of status Complete",
			}
		}
	}
	return rows, nil
}

func tooManyObjects() error {
	return invalid("The number of objects is greater than the maximum allowed of %d", maxBulk)
}
