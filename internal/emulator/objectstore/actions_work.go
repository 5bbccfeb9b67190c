package objectstore

import (
	"slices"
	"strconv"
)

// taskActions and issueActions are those of the published description that have a plain meaning.
func taskActions() []action {
	const place = " projectID parentID options:string[]"
	return slices.Concat(assigning(), []action{
		onEach("move", "", place, (*act).move),
		onNone("bulkMove", "", "taskIDs:string[]"+place, func(a *act) (string, error) { return "", a.ofList("taskIDs", a.moveTask) }),
		onNone("bulkCopy", "string[]", "taskIDs:string[]"+place, bulkCopy),
		onEach("convertToProject", "string", "project:map copyCategories:boolean", convertToProject),
		onNone("calculateDataExtensions", "", "ids:string[]", nothing),
	})
}

func issueActions() []action {
	const copied = " options:string[] copyNativeFields:boolean copyCategories:boolean"
	return slices.Concat(assigning(), []action{
		onEach("move", "", "projectID", (*act).move),
		onNone("bulkMove", "", "issueIDs:string[] projectID parentID", func(a *act) (string, error) { return "", a.ofList("issueIDs", a.moveIssue) }),
		onNone("copyIssue", "string", "opTaskID name description projectID options:int parentID", copyIssue),
		onEach("convertToTask", "string", "task:map"+copied, convertToTask),
		onEach("convertToProject", "string", "project:map"+copied, convertToProject),
	})
}

// assigning are the actions that tasks and issues share.
func assigning() []action {
	return []action{
		onEach("markDone", "", "status", func(a *act) (string, error) { return "", a.mark("CPL", 100) }),
		onEach("markNotDone", "", "assignmentID", func(a *act) (string, error) { return "", a.mark("INP", 0) }),
		onEach("acceptWork", "", "status", func(a *act) (string, error) { return "", a.accept("INP", "AD") }),
		onEach("unacceptWork", "", "status", func(a *act) (string, error) { return "", a.accept("NEW", "AA") }),
		onEach("replyToAssignment", "", "noteText commitDate", reply),
		onEach("assign", "", "objID objCode", func(a *act) (string, error) { return "", a.assign(a.text("objCode"), []string{a.text("objID")}) }),
		onEach("assignMultiple", "", "userIDs:string[] roleIDs:string[] teamIDs:string[] teamID", assignMultiple),
		onEach("unassign", "", "userID", unassign),
		onEach("calculateDataExtension", "", "", nothing),
	}
}

// nothing is what an action does whose effect nobody can see here.
func nothing(*act) (string, error) { return "", nil }

// ofList does something to the objects that an argument lists.
func (a *act) ofList(name string, do func() error) error {
	ids := a.list(name)
	switch {
	case len(ids) == 0:
		return invalid("Invalid Parameter: %s value \"\"", name)
	case len(ids) > maxBulk:
		return tooManyObjects()
	}
	return a.each(len(ids), func(i int) (err error) {
		if a.row, err = a.findOpen(a.table, ids[i]); err != nil {
			return err
		}
		return do()
	})
}

// status changes the status, and what follows from it.
func (a *act) status(status string) error {
	if given := a.text("status"); given != "" {
		status = given
	}
	return a.update(a.table, a.row, wish{"status": status})
}

func (a *act) mark(status string, complete float64) error {
	a.set("percentComplete", number(complete))
	return a.status(status)
}

// accept is a person's word that they will, or will not, do what is assigned to them.
func (a *act) accept(status, assignment string) error {
	rows, mine := a.store.tables["ASSGN"], a.store.referenceTo("USER", a.UserID)
	_, all := a.assignments(a.table, a.row)
	for _, one := range all {
		if rows.get(rows.class.field("assignedToID"), one) == mine {
			a.txn.set(rows, rows.class.field("status"), one, textValue(assignment))
		}
	}
	return a.status(status)
}

func reply(a *act) (string, error) {
	if a.text("commitDate") != "" {
		if err := a.update(a.table, a.row, wish{"commitDate": a.text("commitDate")}); err != nil {
			return "", err
		}
	}
	if a.text("noteText") == "" {
		return "", nil
	}
	_, err := a.insert(a.store.tables["NOTE"], -1, wish{
		"noteText": a.text("noteText"), "objID": a.table.id(a.row).String(), "noteObjCode": a.table.class.code,
	})
	return "", err
}

// assign assigns the object to users, roles or teams, beside those it is assigned to.
func (a *act) assign(code string, ids []string) error {
	fields := map[string]string{"USER": "assignedToID", "ROLE": "roleID", "TEAMOB": "teamID"}
	field, ok := fields[code]
	if !ok {
		return invalid("Invalid Parameter: objCode value %q", code)
	}
	for _, id := range ids {
		row, err := a.store.tables[code].find(id)
		if err != nil {
			return err
		}
		to := number(float64(row))
		rows, all := a.assignments(a.table, a.row)
		if !slices.ContainsFunc(all, func(one int32) bool { return rows.get(rows.class.field(field), one) == to }) {
			a.assignment(a.table, a.row, field, to)
		}
		if field != "assignedToID" {
			a.set(field, to)
		}
	}
	a.showPrimary(a.table, a.row)
	return nil
}

// assignMultiple makes the assignments just those.
func assignMultiple(a *act) (string, error) {
	rows, all := a.assignments(a.table, a.row)
	for _, one := range all {
		a.txn.remove(rows, one)
	}
	teams := a.list("teamIDs")
	if team := a.text("teamID"); team != "" {
		teams = append(teams, team)
	}
	for _, to := range []struct {
		code string
		ids  []string
	}{{"USER", a.list("userIDs")}, {"ROLE", a.list("roleIDs")}, {"TEAMOB", teams}} {
		if err := a.assign(to.code, to.ids); err != nil {
			return "", err
		}
	}
	return "", nil
}

func unassign(a *act) (string, error) {
	user, err := a.find("USER", "userID")
	if err != nil {
		return "", err
	}
	rows, all := a.assignments(a.table, a.row)
	for _, one := range all {
		if rows.get(rows.class.field("assignedToID"), one) == user {
			a.txn.remove(rows, one)
		}
	}
	a.showPrimary(a.table, a.row)
	return "", nil
}

func hourActions() []action {
	approve := func(approved bool) func(a *act) (string, error) {
		return func(a *act) (string, error) {
			var err error
			if a.row, err = a.findOpen(a.table, a.text("hourID")); err != nil {
				return "", err
			}
			status, by, on := "SUB", null(), null()
			if approved {
				status, by, on = "APR", a.store.referenceTo("USER", a.UserID), number(float64(a.Now.UnixMilli()))
			}
			a.set("status", textValue(status))
			a.set("approvedByID", by)
			a.set("approvedOnDate", on)
			return "", nil
		}
	}
	return []action{
		onNone("approve", "", "hourID", approve(true)),
		onNone("unapprove", "", "hourID comment", approve(false)),
	}
}

// workActions count what the named queries of the same names list.
func workActions() []action {
	count := func(name, query string) action {
		return onNone(name, "int", "", func(a *act) (string, error) {
			for _, known := range workQueries() {
				if known.name == query {
					return strconv.Itoa(len(known.rows(a.query, a.table))), nil
				}
			}
			return "0", nil
		})
	}
	return []action{
		count("getMyWorkCount", "myWork"), count("getMyAccomplishmentsCount", "myAccomplishments"),
		count("getWorkRequestsCount", "workRequests"), count("teamRequestsCount", "teamRequests"),
	}
}
