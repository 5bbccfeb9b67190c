package objectstore

import "slices"

// Who a task or issue is assigned to stands in two places, as at Workfront: on it (the primary one), and in its
// assignments. Whichever is changed, the other follows.

// assignments are those of a task or issue.
func (q *query) assignments(t *table, row int32) (*table, []int32) {
	a := q.store.tables["ASSGN"]
	return a, a.referring(a.class.field(assignmentOf(t)), row)
}

func assignmentOf(t *table) string {
	if t.class.code == "OPTASK" {
		return "opTaskID"
	}
	return "taskID"
}

// assignPrimary makes the assignments agree with who the object says it is assigned to.
func (q *query) assignPrimary(t *table, row int32) {
	a, rows := q.assignments(t, row)
	user := t.get(t.class.field("assignedToID"), row)
	to, primary := a.class.field("assignedToID"), a.class.field("isPrimary")
	if user.null {
		for _, one := range rows {
			if !a.get(to, one).null {
				q.txn.remove(a, one)
			}
		}
		return
	}
	i := slices.IndexFunc(rows, func(one int32) bool { return a.get(to, one) == user })
	if i < 0 {
		i = len(rows)
		rows = append(rows, q.assignment(t, row, "assignedToID", user))
	}
	for n, one := range rows {
		q.txn.set(a, primary, one, boolean(n == i))
	}
}

// assignment adds an assignment to a user, role or team.
func (q *query) assignment(t *table, row int32, field string, to value) int32 {
	a := q.store.tables["ASSGN"]
	return q.txn.add(a, func(one int32) {
		a.setDefaults(one, q)
		a.set(a.class.field(field), one, to)
		a.set(a.class.field(assignmentOf(t)), one, number(float64(row)))
		a.set(a.class.field("projectID"), one, t.get(t.class.field("projectID"), row))
		a.set(a.class.field("assignedByID"), one, q.store.referenceTo("USER", q.UserID))
		a.set(a.class.field("assignmentPercent"), one, number(100))
	})
}

// showPrimary makes what the object says agree with its assignments: the primary one, or else the first to a person.
func (q *query) showPrimary(t *table, row int32) {
	a, rows := q.assignments(t, row)
	to, primary := a.class.field("assignedToID"), a.class.field("isPrimary")
	rows = slices.DeleteFunc(rows, func(one int32) bool { return a.get(to, one).null })
	user := null()
	if len(rows) > 0 {
		i := max(0, slices.IndexFunc(rows, func(one int32) bool { return a.get(primary, one).number == 1 }))
		user = a.get(to, rows[i])
		for n, one := range rows {
			q.txn.set(a, primary, one, boolean(n == i))
		}
	}
	q.txn.set(t, t.class.field("assignedToID"), row, user)
}

// settleAssignment is for one that was made, changed or deleted by itself.
func (q *query) settleAssignment(a *table, one int32) {
	for _, code := range []string{"TASK", "OPTASK"} {
		t := q.store.tables[code]
		if v := a.get(a.class.field(assignmentOf(t)), one); !v.null {
			row := int32(v.number)
			q.txn.set(a, a.class.field("projectID"), one, t.get(t.class.field("projectID"), row))
			if primary := a.class.field("isPrimary"); a.get(primary, one).number == 1 {
				for _, other := range a.referring(a.class.field(assignmentOf(t)), row) {
					q.txn.set(a, primary, other, boolean(other == one))
				}
			}
			q.showPrimary(t, row)
		}
	}
}
