package objectstore

import (
	"strings"
)

// maxBulk is how many objects one request may change.
const maxBulk = 100

// create makes one object of form fields or updates={…}, several of updates=[…], or a
// copy of copySourceID with those changes.
func (q *query) create(dst []byte, t *table) ([]byte, error) {
	wishes, bulk, err := q.wishes()
	if err != nil {
		return nil, err
	}
	selected, err := q.selectFields(t)
	if err != nil {
		return nil, err
	}
	rows := make([]int32, len(wishes))
	if err := q.each(len(wishes), func(i int) error {
		source, err := q.source(t, wishes[i])
		if err == nil {
			rows[i], err = q.insert(t, source, wishes[i])
		}
		return err
	}); err != nil {
		return nil, err
	}
	switch {
	case q.atomic():
		return append(dst, `{"success":true}`...), nil
	case bulk:
		return appendList(dst, selected, rows, q.Version), nil
	}
	return selected.appendObject(dst, rows[0], q.Version), nil
}

// source is the object that a new one is a copy of, -1 for none. Its ID may stand among the wishes, as in a JSON body.
func (q *query) source(t *table, w wish) (int32, error) {
	id := q.Params.Get("copySourceID")
	if w.has("copySourceID") {
		id, _ = scalar(w["copySourceID"])
		delete(w, "copySourceID")
	}
	if id == "" {
		return -1, nil
	}
	return t.find(id)
}

// edit changes one object or several.
func (q *query) edit(dst []byte, t *table) ([]byte, error) {
	wishes, bulk, err := q.wishes()
	if err != nil {
		return nil, err
	}
	selected, err := q.selectFields(t)
	if err != nil {
		return nil, err
	}
	ids := q.ids()
	if q.ID == "" {
		for _, w := range wishes {
			if w.id() != "" {
				ids = append(ids, w.id())
			}
		}
	}
	switch {
	case len(ids) > maxBulk:
		return nil, tooManyObjects()
	case len(ids) == 0:
		return nil, unsupported("you must specify an ID")
	case bulk && len(ids) != len(wishes):
		return nil, invalid("%d updates for %d objects", len(wishes), len(ids))
	}
	rows := make([]int32, len(ids))
	if err := q.each(len(ids), func(i int) (err error) {
		if rows[i], err = q.findOpen(t, ids[i]); err != nil {
			return err
		}
		w := wishes[0]
		if bulk {
			w = wishes[i]
		}
		return q.update(t, rows[i], w)
	}); err != nil {
		return nil, err
	}
	if q.atomic() {
		return append(dst, `{"success":true}`...), nil
	}
	return q.appendRows(dst, selected, rows), nil
}

// remove deletes one object or several.
func (q *query) remove(dst []byte, t *table) ([]byte, error) {
	ids := q.ids()
	switch {
	case len(ids) > maxBulk:
		return nil, tooManyObjects()
	case len(ids) == 0:
		return nil, unsupported("you must specify an ID")
	}
	err := q.each(len(ids), func(i int) error {
		row, err := q.findOpen(t, ids[i])
		if err != nil {
			return err
		}
		if t.class.forced && q.Params.Get("force") != "true" {
			return &Refusal{Reason: Forbidden, Class: ClassUnsupported, Message: t.class.name + " can be deleted with force=true only"}
		}
		q.txn.remove(t, row)
		if t.class.code == "ASSGN" {
			q.settleAssignment(t, row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return append(dst, `{"success":true}`...), nil
}

func (q *query) atomic() bool { return q.Params.Get("atomic") == "true" }

// each does something to n objects. Where one cannot be done, either none is, or all others are, and the refusal is the
// first one's: which of the two Workfront does is not documented, but for atomic requests.
func (q *query) each(n int, do func(i int) error) error {
	start := q.txn.mark()
	var refused error
	for i := range n {
		here := q.txn.mark()
		err := do(i)
		if err == nil {
			continue
		}
		if q.atomic() || !q.store.opts.Alone {
			q.txn.back(start)
			return err
		}
		q.txn.back(here)
		if refused == nil {
			refused = err
		}
	}
	return refused
}

// insert adds an object: the defaults or a copy, then the wishes.
func (q *query) insert(t *table, source int32, w wish) (int32, error) {
	row := q.txn.add(t, func(row int32) {
		if source >= 0 {
			for _, f := range t.class.fields {
				if f.stored() && !f.unique {
					t.set(f, row, t.get(f, source))
				}
			}
		} else {
			t.setDefaults(row, q)
		}
		if f := t.class.field("entryDate"); f != nil && f.readOnly {
			t.set(f, row, number(float64(q.Now.UnixMilli())))
		}
		if f := t.class.field("enteredByID"); f != nil {
			t.set(f, row, q.store.referenceTo("USER", q.UserID))
		}
	})
	if err := q.apply(t, row, w, true); err != nil {
		return row, err
	}
	if f := t.class.field("name"); f != nil && t.get(f, row).null {
		return row, invalid("Invalid Parameter: name value \"\"")
	}
	if source >= 0 {
		q.copyParts(t, source, row)
	}
	return row, q.settle(t, row, w, true)
}

// update changes an object that is there.
func (q *query) update(t *table, row int32, w wish) error {
	if err := q.apply(t, row, w, false); err != nil {
		return err
	}
	q.txn.stamp(t, row)
	return q.settle(t, row, w, false)
}

// setDefaults fills what no object is without.
func (t *table) setDefaults(row int32, q *query) {
	for _, f := range t.class.fields {
		switch {
		case f.name == "customerID":
			t.set(f, row, number(0))
		case f.name == "isActive":
			t.set(f, row, boolean(true))
		case f.plain, f.readOnly && f.name != "lastUpdateDate" && f.kind != kindBool:
		case f.kind == kindChoice:
			t.set(f, row, textValue(f.choices[0].value))
		case f.kind == kindDateTime:
			t.set(f, row, number(float64(q.Now.UnixMilli())))
		case f.kind == kindDate:
			t.set(f, row, number(float64(beginning(q.Now, 'd').UnixMilli())))
		case f.kind == kindBool, f.name == "priority", f.name == "percentComplete":
			t.set(f, row, number(0))
		}
	}
}

// findOpen finds an object that is to be changed. Below a project that is complete nothing may be.
func (q *query) findOpen(t *table, text string) (int32, error) {
	row, err := t.find(text)
	if err != nil {
		return 0, err
	}
	return row, q.checkOpen(t, row)
}

func (q *query) checkOpen(t *table, row int32) error {
	f := t.class.field("projectID")
	if f == nil {
		return nil // not an object below a project
	}
	projects := q.store.tables["PROJ"]
	project := t.get(f, row)
	if project.null || baseStatus(projects.get(projects.class.field("status"), int32(project.number)).text) != "CPL" {
		return nil
	}
	return &Refusal{
		Reason: Forbidden, Class: "com.attask.common.ProjectStatusViolationException", Full: true,
		Message: "Unable to complete operation for a project of status Complete",
	}
}

// baseStatus is a status without what stands for its approval.
func baseStatus(status string) string {
	base, _, _ := strings.Cut(status, ":")
	return base
}

func tooManyObjects() error {
	return invalid("The number of objects is greater than the maximum allowed of %d", maxBulk)
}
