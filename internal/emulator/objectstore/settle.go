package objectstore

import (
	"slices"
	"strconv"
)

// settle does what follows from a change of an object.
func (q *query) settle(t *table, row int32, w wish, creating bool) error {
	switch t.class.code {
	case "PROJ", "TASK", "OPTASK":
		if w.has("status") {
			q.settleStatus(t, row, w)
		}
	}
	switch t.class.code {
	case "TASK", "OPTASK":
		if creating && t.class.code == "TASK" {
			q.numberTask(t, row)
		}
		switch {
		case w.has("assignments"):
			q.showPrimary(t, row)
		case creating, w.has("assignedToID"), w.has("assignedTo"):
			q.assignPrimary(t, row)
		}
	case "ASSGN":
		q.settleAssignment(t, row)
	case "NOTE":
		return q.attach(t, row, "noteObjCode", creating)
	case "DOCU":
		if err := q.attach(t, row, "docObjCode", creating); err != nil {
			return err
		}
		return q.settleDocument(t, row, w, creating)
	case "DOCV":
		if creating {
			return q.settleVersion(t, row, w)
		}
	case "HOUR", "TMPL", "PORT":
		if f := t.class.field("ownerID"); creating && t.get(f, row).null {
			q.txn.set(t, f, row, q.store.referenceTo("USER", q.UserID))
		}
	}
	return nil
}

// settleStatus makes the other fields agree with a new status.
func (q *query) settleStatus(t *table, row int32, w wish) {
	complete := baseStatus(t.get(t.class.field("status"), row).text) == "CPL"
	at := null()
	if complete {
		at = number(float64(q.Now.UnixMilli()))
	}
	if !w.has("actualCompletionDate") {
		if f := t.class.field("actualCompletionDate"); !complete || t.get(f, row).null {
			q.txn.set(t, f, row, at)
		}
	}
	if !w.has("percentComplete") && complete && t.class.code == "TASK" {
		q.txn.set(t, t.class.field("percentComplete"), row, number(100))
	}
	if f := t.class.field("isComplete"); f != nil && !w.has("isComplete") {
		q.txn.set(t, f, row, boolean(complete))
	}
}

// numberTask gives a new task its place: after all others of its project.
func (q *query) numberTask(t *table, row int32) {
	by := t.class.field("projectID")
	n := 1
	if project := t.get(by, row); !project.null {
		n = len(t.referring(by, int32(project.number)))
	} else {
		n += len(t.order) - 1
	}
	q.txn.set(t, t.class.field("taskNumber"), row, number(float64(n)))
	q.txn.set(t, t.class.field("wbs"), row, textValue(strconv.Itoa(n)))
}

// attach makes a note's or document's references agree with the ID and type of what it is about.
func (q *query) attach(t *table, row int32, codeField string, creating bool) error {
	objID, code := t.class.field("objID"), t.class.field(codeField)
	if f := t.class.field("ownerID"); creating && t.get(f, row).null {
		q.txn.set(t, f, row, q.store.referenceTo("USER", q.UserID))
	}
	references := [...]struct{ code, field string }{{"TASK", "taskID"}, {"OPTASK", "opTaskID"}, {"PROJ", "projectID"}}
	if id := t.get(objID, row); !id.null {
		about := q.store.table(t.get(code, row).text)
		if about == nil {
			return invalid("invalid objCode: null")
		}
		target, err := about.find(id.text)
		if err != nil {
			return err
		}
		q.txn.set(t, code, row, textValue(about.class.code))
		for _, r := range references {
			if r.code == about.class.code {
				q.txn.set(t, t.class.field(r.field), row, number(float64(target)))
			}
		}
		if f := about.class.field("projectID"); f != nil {
			q.txn.set(t, t.class.field("projectID"), row, about.get(f, target))
		}
		return nil
	}
	for _, r := range references {
		if v := t.get(t.class.field(r.field), row); !v.null {
			q.txn.set(t, objID, row, textValue(q.store.tables[r.code].id(int32(v.number)).String()))
			q.txn.set(t, code, row, textValue(r.code))
			return nil
		}
	}
	return nil
}

// copyParts copies what a project or template consists of.
func (q *query) copyParts(t *table, source, row int32) {
	code, by := "TASK", "projectID"
	switch t.class.code {
	case "PROJ":
	case "TMPL":
		code, by = "TTSK", "templateID"
	default:
		return
	}
	tasks := q.store.tables[code]
	whole, parent := tasks.class.field(by), tasks.class.field("parentID")
	copies := make(map[int32]int32)
	originals := tasks.referring(whole, source)
	for _, original := range originals {
		copies[original] = q.copyRow(tasks, original, func(f *field) bool { return f != parent && f.name != "extRefID" })
		q.txn.set(tasks, whole, copies[original], number(float64(row)))
	}
	for _, original := range originals {
		if v := tasks.get(parent, original); !v.null {
			q.txn.set(tasks, parent, copies[original], number(float64(copies[int32(v.number)])))
		}
		if code == "TASK" {
			q.assignPrimary(tasks, copies[original])
		}
	}
}

// copyRow adds a row that has those fields of another.
func (q *query) copyRow(t *table, source int32, wanted func(*field) bool) int32 {
	return q.txn.add(t, func(row int32) {
		for _, f := range slices.DeleteFunc(slices.Clone(t.class.fields), func(f *field) bool { return !f.stored() }) {
			if wanted(f) {
				t.set(f, row, t.get(f, source))
			}
		}
		if f := t.class.field("entryDate"); f != nil {
			t.set(f, row, number(float64(q.Now.UnixMilli())))
		}
	})
}
