package objectstore

import (
	"slices"
	"strings"
)

func projectActions() []action {
	return []action{
		onEach("calculateTimeline", "", "", calculateTimeline),
		onEach("calculateFinance", "", "", nothing),
		onEach("calculateDataExtension", "", "", nothing),
		onEach("attachTemplate", "", "templateID predecessorTaskID parentTaskID excludeTemplateTaskIDs:string[] options:string[]", attachTemplate),
	}
}

func programActions() []action {
	return []action{onEach("move", "", "portfolioID options:string[]", moveProgram)}
}

// moveProgram puts a program and its projects into another portfolio.
func moveProgram(a *act) (string, error) {
	portfolio, err := a.find("PORT", "portfolioID")
	if err != nil {
		return "", err
	}
	if portfolio.null {
		return "", invalid("Invalid Parameter: portfolioID value \"\"")
	}
	a.set("portfolioID", portfolio)
	for _, row := range a.store.tables["PROJ"].referring(a.store.tables["PROJ"].class.field("programID"), a.row) {
		projects := a.store.tables["PROJ"]
		a.txn.set(projects, projects.class.field("portfolioID"), row, portfolio)
	}
	return "", nil
}

// calculateTimeline makes a project's dates and progress those of its tasks.
func calculateTimeline(a *act) (string, error) {
	tasks := a.store.tables["TASK"]
	rows := tasks.referring(tasks.class.field("projectID"), a.row)
	if len(rows) == 0 {
		return "", nil
	}
	of := func(name string) (values []value) {
		for _, row := range rows {
			if v := tasks.get(tasks.class.field(name), row); !v.null {
				values = append(values, v)
			}
		}
		return values
	}
	if starts := of("plannedStartDate"); len(starts) > 0 {
		a.set("plannedStartDate", slices.MinFunc(starts, compareValues))
	}
	for _, name := range []string{"plannedCompletionDate", "projectedCompletionDate"} {
		if ends := of(name); len(ends) > 0 {
			a.set(name, slices.MaxFunc(ends, compareValues))
		}
	}
	sum := 0.0
	for _, v := range of("percentComplete") {
		sum += v.number
	}
	a.set("percentComplete", number(float64(int(sum/float64(len(rows))))))
	a.txn.stamp(a.table, a.row)
	return "", nil
}

// attachTemplate adds a template's tasks to a project.
func attachTemplate(a *act) (string, error) {
	template, err := a.find("TMPL", "templateID")
	if err != nil {
		return "", err
	}
	if template.null {
		return "", invalid("Invalid Parameter: templateID value \"\"")
	}
	below, err := a.find("TASK", "parentTaskID")
	if err != nil {
		return "", err
	}
	from, into := a.store.tables["TTSK"], a.store.tables["TASK"]
	made := make(map[int32]int32)
	rows := from.referring(from.class.field("templateID"), int32(template.number))
	rows = slices.DeleteFunc(rows, func(row int32) bool { return slices.Contains(a.list("excludeTemplateTaskIDs"), from.id(row).String()) })
	for _, row := range rows {
		w := wish{"name": from.get(from.class.field("name"), row).text, "projectID": a.table.id(a.row).String()}
		if made[row], err = a.insert(into, -1, w); err != nil {
			return "", err
		}
		a.txn.set(into, into.class.field("workRequired"), made[row], from.get(from.class.field("workRequired"), row))
	}
	for _, row := range rows {
		parent := below
		if v := from.get(from.class.field("parentID"), row); !v.null {
			if at, ok := made[int32(v.number)]; ok {
				parent = number(float64(at))
			}
		}
		a.txn.set(into, into.class.field("parentID"), made[row], parent)
	}
	a.set("templateID", template)
	return "", nil
}

// sharing is what all do that can be shared.
func sharing() []action {
	const accessor, rights = "accessorObjCode accessorID", " coreAction forbiddenActions:string[]"
	share := func(a *act) (string, error) { return "", a.share(a.text("accessorObjCode"), a.text("accessorID")) }
	unshare := func(a *act) (string, error) { return "", a.unshare(a.text("accessorObjCode"), a.text("accessorID")) }
	return []action{
		onEach("share", "", accessor+rights, share),
		onEach("unshare", "", accessor, unshare),
		onEach("sharePublic", "", rights, share),
		onEach("unsharePublic", "", "", unshare),
	}
}

// rules are those by which the object is shared with somebody; with everybody, if accessor is empty.
func (a *act) rules(accessor string) (*table, []int32) {
	rules := a.store.tables["ACSRUL"]
	rows := rules.members(rules.class.field("securityObjID"), a.table, a.row)
	return rules, slices.DeleteFunc(rows, func(row int32) bool { return rules.get(rules.class.field("accessorID"), row).text != accessor })
}

func (a *act) share(code, accessor string) error {
	if code != "" || accessor != "" {
		if err := a.checkAccessor(code, accessor); err != nil {
			return err
		}
	}
	action, err := a.parseValue(a.store.tables["ACSRUL"].class.field("coreAction"), a.text("coreAction"))
	if err != nil {
		return err
	}
	if action.null {
		return invalid("Invalid Parameter: coreAction value \"\"")
	}
	rules, rows := a.rules(accessor)
	if len(rows) == 0 {
		rows = []int32{a.txn.add(rules, func(row int32) {
			rules.setDefaults(row, a.query)
			rules.set(rules.class.field("accessorObjCode"), row, textValue(strings.ToUpper(code)))
			rules.set(rules.class.field("accessorID"), row, textValue(accessor))
			rules.set(rules.class.field("securityObjID"), row, textValue(a.table.id(a.row).String()))
			rules.set(rules.class.field("securityObjCode"), row, textValue(a.table.class.code))
		})}
	}
	forbidden := a.list("forbiddenActions")
	if forbidden == nil {
		forbidden = a.Params.All("forbiddenActions")
	}
	a.txn.set(rules, rules.class.field("coreAction"), rows[0], action)
	a.txn.set(rules, rules.class.field("forbiddenActions"), rows[0], textValue(strings.Join(forbidden, ",")))
	return nil
}

func (a *act) unshare(code, accessor string) error {
	if code != "" || accessor != "" {
		if err := a.checkAccessor(code, accessor); err != nil {
			return err
		}
	}
	rules, rows := a.rules(accessor)
	for _, row := range rows {
		a.txn.remove(rules, row)
	}
	return nil
}

// checkAccessor checks that something can be shared with somebody.
func (a *act) checkAccessor(code, accessor string) error {
	t := a.store.table(code)
	if t == nil || !slices.Contains([]string{"USER", "TEAMOB", "GROUP", "ROLE", "CMPY"}, t.class.code) {
		return invalid("Invalid Parameter: accessorObjCode value %q", code)
	}
	_, err := t.find(accessor)
	return err
}
