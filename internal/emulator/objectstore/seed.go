package objectstore

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// seed fills a store with projects and what hangs on them. Nothing depends on the clock, so that a
// seed gives the same store tomorrow.
func seed(opts Options) *Store {
	g := &generator{
		Store: newStore(opts),
		rng:   rand.New(rand.NewPCG(opts.Seed, streamData)),
		begin: time.Date(2025, 1, 6, 9, 0, 0, 0, zone()),
	}
	g.customerID = g.id(g.begin).String()
	g.tables["TASK"].reserve(max(opts.Tasks, 8*opts.Projects))
	g.users(12 + opts.Projects/20)
	for i := range opts.Projects {
		share := 4 + g.rng.IntN(9)
		if opts.Tasks > 0 {
			share = opts.Tasks*(i+1)/opts.Projects - opts.Tasks*i/opts.Projects
		}
		g.project(i, share)
	}
	g.around(opts)
	for _, t := range g.list {
		if t.parts == nil {
			t.linkAll()
		}
	}
	return g.Store
}

type generator struct {
	*Store
	rng   *rand.Rand
	begin time.Time
}

// id makes an ID as Workfront's look: the time of entry first, then nothing to be guessed.
func (g *generator) id(entry time.Time) (i id) {
	binary.BigEndian.PutUint32(i[:4], uint32(entry.Unix()))
	binary.BigEndian.PutUint32(i[4:8], g.rng.Uint32N(1<<12))
	binary.BigEndian.PutUint64(i[8:], g.rng.Uint64())
	return i
}

// object is a row being filled.
type object struct {
	t   *table
	row int32
}

func (g *generator) object(code string, entry time.Time) object {
	t := g.tables[code]
	return object{t, t.add(g.id(entry))}
}

func (o object) set(name string, v value) { o.t.set(o.t.class.field(name), o.row, v) }

func (o object) text(name, s string) { o.set(name, textValue(s)) }

func (o object) number(name string, n int) { o.set(name, number(float64(n))) }

func (o object) float(name string, n float64) { o.set(name, number(n)) }

func (o object) time(name string, at time.Time) { o.set(name, number(float64(at.UnixMilli()))) }

func (o object) refer(name string, other object) { o.number(name, int(other.row)) }

// pick draws one of the values.
func pick[T any](g *generator, values ...T) T { return values[g.rng.IntN(len(values))] }

// chance is true in n of 100 cases.
func (g *generator) chance(n int) bool { return g.rng.IntN(100) < n }

func (g *generator) days(n int) time.Duration { return time.Duration(g.rng.IntN(n)) * 24 * time.Hour }

// moment is a time within a day, to the millisecond, as entry dates are.
func (g *generator) moment() time.Duration {
	return time.Duration(g.rng.IntN(8*3600*1000)) * time.Millisecond
}

func (g *generator) users(n int) {
	first := []string{"Ann", "Bilal", "Chloé", "Dmitri", "Emeka", "Fatima", "Grace", "Hiro", "Ines", "Jürgen", "Kavita", "Lars", "美咲", "Noor", "Óscar"}
	last := []string{"Adeyemi", "Brown", "Castillo", "D'Arcy", "Eriksen", "Fischer", "García-López", "Haddad", "Ito", "Jansen", "Kowalski", "Ławniczak", "Müller", "Nguyễn", "O'Neil"}
	for i := range n {
		entry := g.begin.AddDate(-1, 0, 0).Add(g.days(300) + g.moment())
		u := g.object("USER", entry)
		given, family := first[i%len(first)], last[(i*7+i/len(first))%len(last)]
		username := fmt.Sprintf("user%d@example.com", i+1)
		u.text("name", given+" "+family)
		u.text("firstName", given)
		u.text("lastName", family)
		u.text("username", username)
		u.text("emailAddr", username)
		u.text("title", pick(g, "Designer", "Engineer", "Project Manager", "Copywriter", ""))
		if g.chance(60) {
			u.text("phoneNumber", fmt.Sprintf("+1 602 555 %04d", g.rng.IntN(10000)))
		}
		u.set("isActive", boolean(i < 3 || g.chance(90)))
		u.set("isAdmin", boolean(i == 0))
		u.time("entryDate", entry)
		if i > 0 {
			u.number("managerID", g.rng.IntN(i))
		}
	}
}

func (g *generator) user() object {
	t := g.tables["USER"]
	return object{t, int32(g.rng.IntN(len(t.ids)))}
}

func (g *generator) project(i, tasks int) {
	start := g.begin.Add(g.days(500))
	entry := start.Add(-g.days(60) + g.moment())
	p := g.object("PROJ", entry)
	p.text("name", g.projectName(i))
	status := pick(g, "CUR", "CUR", "CUR", "PLN", "PLN", "CPL", "ONH", "DED")
	p.text("status", status)
	p.text("description", g.description())
	p.number("priority", g.rng.IntN(5))
	p.time("entryDate", entry)
	p.time("lastUpdateDate", entry.Add(g.days(60)+g.moment()))
	p.number("referenceNumber", 1000+i)
	p.float("budget", float64(g.rng.IntN(1000))*250+pick(g, 0, 0.5, 0.25))
	p.refer("ownerID", g.user())
	p.refer("enteredByID", g.user())
	p.text("DE:Region", pick(g, "EMEA", "AMER", "APAC", ""))
	if g.chance(70) {
		p.text("DE:Cost Center", fmt.Sprintf("CC-%03d", g.rng.IntN(400)))
	}

	end, complete := g.tasks(p, status, start, tasks)
	p.time("plannedStartDate", start)
	p.time("plannedCompletionDate", end)
	p.time("projectedCompletionDate", end.Add(g.days(10)))
	p.float("percentComplete", complete)
	if status == "CPL" {
		p.time("actualCompletionDate", end.Add(g.days(5)))
	}
	for range g.rng.IntN(4) {
		g.issue(p, start)
	}
}

// tasks adds a project's tasks and returns when the last ends and how far they are together.
func (g *generator) tasks(p object, projectStatus string, start time.Time, n int) (end time.Time, complete float64) {
	end = start.Add(8 * time.Hour)
	var parent object
	var top, below int
	for i := range n {
		nested := i > 0 && g.chance(35)
		wbs := ""
		if nested {
			below++
			wbs = strconv.Itoa(top) + "." + strconv.Itoa(below)
		} else {
			top, below = top+1, 0
			wbs = strconv.Itoa(top)
		}
		task, done, finish := g.task(p, projectStatus, start, i+1, wbs)
		if nested {
			task.refer("parentID", parent)
		} else {
			parent = task
		}
		complete += done
		if finish.After(end) {
			end = finish
		}
	}
	if n > 0 {
		complete = float64(int(complete / float64(n)))
	}
	return end, complete
}

func (g *generator) task(p object, projectStatus string, start time.Time, number int, wbs string) (task object, complete float64, end time.Time) {
	start = start.Add(g.days(90))
	end = start.Add(g.days(20) + 8*time.Hour)
	entry := start.Add(-g.days(30) + g.moment())
	task = g.object("TASK", entry)
	task.text("name", g.taskName(number))
	status := pick(g, "NEW", "NEW", "INP", "INP", "CPL")
	switch projectStatus {
	case "CPL":
		status = "CPL"
	case "PLN":
		status = "NEW"
	}
	switch status {
	case "CPL":
		complete = 100
	case "INP":
		complete = float64(5 + 5*g.rng.IntN(19))
	}
	if g.chance(30) {
		task.text("description", g.description())
	}
	assignee := g.user()
	task.text("status", status)
	task.float("percentComplete", complete)
	task.text("progressStatus", pick(g, "OT", "OT", "LT", "BH", "AR"))
	task.number("priority", g.rng.IntN(5))
	task.time("entryDate", entry)
	task.time("plannedStartDate", start)
	task.time("plannedCompletionDate", end)
	task.time("projectedStartDate", start.Add(g.days(3)))
	task.time("projectedCompletionDate", end.Add(g.days(6)))
	task.number("taskNumber", number)
	task.text("wbs", wbs)
	task.number("workRequired", 60*(1+g.rng.IntN(40)))
	task.refer("projectID", p)
	if g.chance(85) {
		task.refer("assignedToID", assignee)
	}
	if status != "NEW" {
		for range g.rng.IntN(3) {
			g.hour(p, assignee, start).refer("taskID", task)
		}
	}
	return task, complete, end
}

func (g *generator) issue(p object, start time.Time) {
	entry := start.Add(g.days(60) + g.moment())
	issue := g.object("OPTASK", entry)
	status := pick(g, "NEW", "INP", "AWF", "CPL")
	assignee := g.user()
	issue.text("name", pick(g, "Logo is cut off on phones", "Invoice total is wrong", `"Save" does nothing`, "Übersetzung fehlt", "Link, then image, is broken"))
	issue.text("description", g.description())
	issue.text("status", status)
	issue.number("priority", g.rng.IntN(5))
	issue.number("severity", g.rng.IntN(5))
	issue.time("entryDate", entry)
	issue.time("plannedStartDate", entry)
	issue.time("plannedCompletionDate", entry.Add(24*time.Hour+g.days(14)))
	issue.set("isComplete", boolean(status == "CPL"))
	issue.refer("projectID", p)
	issue.refer("ownerID", g.user())
	issue.refer("assignedToID", assignee)
	if g.chance(30) {
		g.hour(p, assignee, entry).refer("opTaskID", issue)
	}
}

func (g *generator) hour(p, owner object, after time.Time) object {
	day := after.Add(g.days(10)).Truncate(24 * time.Hour)
	h := g.object("HOUR", day.Add(g.moment()))
	h.text("status", pick(g, "SUB", "APR"))
	h.text("description", pick(g, "", "", "Review", "Call with the client"))
	h.float("hours", float64(1+g.rng.IntN(32))/4)
	h.time("entryDate", time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone()))
	h.refer("projectID", p)
	h.refer("ownerID", owner)
	return h
}
