package objectstore

// move moves a task or an issue.
func (a *act) move() (string, error) {
	if a.table.class.code == "OPTASK" {
		return "", a.moveIssue()
	}
	return "", a.moveTask()
}

// moveTask puts a task and those below it into a project, or below another task of one.
func (a *act) moveTask() error {
	project, err := a.find("PROJ", "projectID")
	if err != nil {
		return err
	}
	parent, err := a.find("TASK", "parentID")
	if err != nil {
		return err
	}
	up, whole := a.table.class.field("parentID"), a.table.class.field("projectID")
	if !parent.null {
		if a.table.leadsTo(up, int32(parent.number), a.row) {
			return invalid("Invalid Parameter: parentID value %q", a.text("parentID"))
		}
		if in := a.table.get(whole, int32(parent.number)); project.null {
			project = in
		} else if in != project {
			return invalid("Invalid Parameter: parentID value %q", a.text("parentID"))
		}
	}
	if project.null {
		project = a.get("projectID")
	}
	a.set("parentID", parent)
	a.into(a.row, project)
	a.txn.stamp(a.table, a.row)
	return a.checkOpen(a.table, a.row)
}

// into makes a task and all below and about it part of a project.
func (a *act) into(row int32, project value) {
	a.txn.set(a.table, a.table.class.field("projectID"), row, project)
	a.numberTask(a.table, row)
	a.follow(row, "taskID", project)
	for _, child := range a.table.referring(a.table.class.field("parentID"), row) {
		a.into(child, project)
	}
}

// follow makes what is about a task or issue part of its project.
func (a *act) follow(row int32, by string, project value) {
	for _, code := range []string{"HOUR", "ASSGN", "NOTE", "DOCU", "EXPNS"} {
		t := a.store.tables[code]
		f := t.class.field(by)
		if f == nil {
			continue
		}
		for _, one := range t.referring(f, row) {
			a.txn.set(t, t.class.field("projectID"), one, project)
		}
	}
}

func (a *act) moveIssue() error {
	project, err := a.find("PROJ", "projectID")
	if err != nil {
		return err
	}
	if project.null {
		return invalid("Invalid Parameter: projectID value \"\"")
	}
	a.set("projectID", project)
	a.follow(a.row, "opTaskID", project)
	a.txn.stamp(a.table, a.row)
	return a.checkOpen(a.table, a.row)
}

func bulkCopy(a *act) (string, error) {
	var ids []string
	err := a.ofList("taskIDs", func() error {
		a.row = a.copyRow(a.table, a.row, func(f *field) bool { return f.name != "extRefID" && f.name != "parentID" })
		ids = append(ids, a.table.jsonID(a.row))
		a.assignPrimary(a.table, a.row)
		return a.moveTask()
	})
	return jsonArray(ids), err
}

func copyIssue(a *act) (string, error) {
	row, err := a.findOpen(a.table, a.text("opTaskID"))
	if err != nil {
		return "", err
	}
	a.row = a.copyRow(a.table, row, func(f *field) bool { return f.name != "extRefID" })
	w := make(wish)
	for _, name := range []string{"name", "description"} {
		if a.text(name) != "" {
			w[name] = a.text(name)
		}
	}
	a.assignPrimary(a.table, a.row)
	if a.text("projectID") != "" {
		if err := a.moveIssue(); err != nil {
			return "", err
		}
	}
	return a.table.jsonID(a.row), a.apply(a.table, a.row, w, true)
}

// convertToTask makes a task of an issue, which is then gone.
func convertToTask(a *act) (string, error) {
	return a.convert("TASK", "task", []string{"name", "description", "priority", "projectID", "assignedToID", "plannedStartDate", "plannedCompletionDate"}, true)
}

// convertToProject makes a project of a task or issue, which stays.
func convertToProject(a *act) (string, error) {
	return a.convert("PROJ", "project", []string{"name", "description", "priority", "plannedStartDate", "plannedCompletionDate"}, false)
}

func (a *act) convert(code, argument string, fields []string, gone bool) (string, error) {
	into := a.store.tables[code]
	w, _ := a.args[argument].(map[string]any)
	row, err := a.insert(into, -1, wish{"name": a.get("name").text})
	if err != nil {
		return "", err
	}
	for _, name := range fields {
		a.txn.set(into, into.class.field(name), row, a.get(name))
	}
	if err := a.update(into, row, w); err != nil {
		return "", err
	}
	if code == "TASK" {
		a.numberTask(into, row)
		a.assignPrimary(into, row)
	}
	if gone {
		a.txn.remove(a.table, a.row)
	}
	return into.jsonID(row), nil
}
