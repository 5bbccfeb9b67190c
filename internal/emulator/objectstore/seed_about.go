package objectstore

import (
	"strings"
	"time"
)

// shows are dashboards and reports.
func (g *generator) shows() {
	for _, name := range []string{"My week", "Budgets", "At risk"} {
		g.made("PTLTAB", name).refer("userID", g.user())
	}
	for _, report := range [][2]string{{"Open tasks", "TASK"}, {"Hours by project", "HOUR"}, {"Late projects", "PROJ"}, {"Requests", "OPTASK"}} {
		section := g.made("PTLSEC", report[0])
		section.text("uiObjCode", report[1])
		section.set("isReport", boolean(true))
		section.refer("ownerID", g.user())
		section.time("lastViewedDate", g.begin.Add(g.days(400)+g.moment()))
	}
}

// work adds assignments, notes, expenses and documents to tasks, issues and projects.
func (g *generator) work() {
	g.tables["ASSGN"].reserve(len(g.tables["TASK"].ids))
	for _, code := range []string{"TASK", "OPTASK"} {
		t := g.tables[code]
		assignee, project, entry := t.class.field("assignedToID"), t.class.field("projectID"), t.class.field("entryDate")
		for row := range t.ids {
			o := object{t, int32(row)}
			to := t.get(assignee, o.row)
			if !to.null {
				g.assigned(o, project, to)
			} else if g.chance(50) {
				o.refer("teamID", g.some("TEAMOB"))
			}
			made := time.UnixMilli(int64(t.get(entry, o.row).number))
			o.time("lastUpdateDate", made.Add(g.days(40)+g.moment()))
			if g.chance(50) {
				o.refer("enteredByID", g.user())
			}
			if g.chance(5) {
				g.note(o, project, made)
			}
		}
	}
	t := g.tables["PROJ"]
	for row := range t.ids {
		p := object{t, int32(row)}
		if g.chance(50) {
			e := g.made("EXPNS", "")
			e.text("description", pick(g, "Printing", "Travel, hotel", "Stock photos", "Licence"))
			e.float("plannedAmount", float64(g.rng.IntN(200))*25)
			e.float("actualAmount", float64(g.rng.IntN(20000))/4)
			e.set("isBillable", boolean(g.chance(50)))
			e.time("effectiveDate", beginning(g.begin.Add(g.days(500)), 'd'))
			e.refer("projectID", p)
		}
		if row < 200 && g.chance(30) {
			g.document(p)
		}
	}
}

func (g *generator) assigned(o object, project *field, to value) {
	users := g.tables["USER"]
	a := g.object("ASSGN", g.begin)
	a.text("status", pick(g, "AA", "AD", "DN"))
	a.set("assignedToID", to)
	a.set("roleID", users.get(users.class.field("roleID"), int32(to.number)))
	a.refer(assignmentOf(o.t), o)
	a.set("projectID", o.t.get(project, o.row))
	a.set("isPrimary", boolean(true))
	a.float("assignmentPercent", 100)
}

func (g *generator) note(o object, project *field, after time.Time) {
	entry := after.Add(g.days(30) + g.moment())
	n := g.object("NOTE", entry)
	n.text("noteText", pick(g, "Looks good.", "Please see the second page:\nthe price is missing.", "Bitte \"dringend\" prüfen", "Done 🎉"))
	n.text("noteObjCode", o.t.class.code)
	n.text("objID", o.t.ids[o.row].String())
	n.refer("ownerID", g.user())
	n.refer(assignmentOf(o.t), o)
	n.set("projectID", o.t.get(project, o.row))
	n.time("entryDate", entry)
}

// document adds a document whose one version is a few lines of text.
func (g *generator) document(p object) {
	name := p.t.get(p.t.class.field("name"), p.row).text
	base := pick(g, "Brief", "Brief Q3", "Angebot – final", "Minutes, 2nd meeting")
	d, v := g.made("DOCU", base), g.made("DOCV", "")
	c := &content{name: base + ".txt", small: []byte("Project: " + name + "\n\n" + strings.Repeat("Lorem ipsum dolor sit amet.\n", 1+g.rng.IntN(40)))}
	c.size = int64(len(c.small))
	handle := g.id(g.begin).String()
	g.contents.byName[handle] = c
	d.text("docObjCode", "PROJ")
	d.text("objID", p.t.ids[p.row].String())
	d.refer("ownerID", g.user())
	d.refer("projectID", p)
	d.refer("currentVersionID", v)
	d.text("downloadURL", downloadPath+d.t.ids[d.row].String())
	d.set("lastUpdateDate", d.t.get(d.t.class.field("entryDate"), d.row))
	v.text("version", "v1.0")
	v.text("fileName", c.name)
	v.text("ext", "txt")
	v.float("docSize", float64(c.size))
	v.text("handle", handle)
	v.refer("documentID", d)
}
