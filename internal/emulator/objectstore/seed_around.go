package objectstore

import (
	"fmt"
	"math/rand/v2"
)

// around fills in what projects, tasks and people belong to and what is about them. It draws from a stream of its own, so
// that the projects, tasks, issues, hours and users of a seed stay what they were.
func (g *generator) around(opts Options) {
	g.rng = rand.New(rand.NewPCG(opts.Seed, streamAround))
	g.customer()
	g.people()
	g.plans(opts.Projects)
	g.forms()
	g.work()
	g.shows()
	for _, t := range g.list {
		if f := t.class.field("customerID"); f != nil {
			for row := range t.ids {
				t.set(f, int32(row), number(0))
			}
		}
	}
}

func (g *generator) customer() {
	c := g.object("CUST", g.begin)
	c.t.ids[c.row], _ = parseID(g.customerID)
	c.text("name", "Emulated Company")
	c.text("currency", "USD")
	c.text("domain", "emulator")
	c.text("timeZone", TimeZone)
	c.text("locale", "en_US")
	c.time("entryDate", g.begin)
}

// made is a new object with a name.
func (g *generator) made(code, name string) object {
	entry := g.begin.AddDate(-1, 0, 0).Add(g.days(300) + g.moment())
	o := g.object(code, entry)
	if o.t.class.field("name") != nil {
		o.text("name", name)
	}
	if o.t.class.field("entryDate") != nil {
		o.time("entryDate", entry)
	}
	if o.t.class.field("isActive") != nil {
		o.set("isActive", boolean(g.chance(90)))
	}
	if o.t.class.field("enteredByID") != nil {
		o.refer("enteredByID", object{g.tables["USER"], 0})
	}
	return o
}

// some draws an object of a type.
func (g *generator) some(code string) object {
	t := g.tables[code]
	return object{t, int32(g.rng.IntN(len(t.ids)))}
}

func (g *generator) people() {
	for i, name := range []string{"Emulated Company", "Acme, Inc.", "Größer & Söhne", "日本印刷株式会社"} {
		g.made("CMPY", name).set("isPrimary", boolean(i == 0))
	}
	for i, name := range []string{"Default Group", "Marketing", "Product", "Marketing EMEA", "Finance & Legal"} {
		group := g.made("GROUP", name)
		if i == 3 {
			group.refer("parentID", object{group.t, 1})
		}
	}
	for i, name := range []string{"Designer", "Copywriter", "Engineer", "Project Manager", "Proofreader", "Translator"} {
		role := g.made("ROLE", name)
		role.text("description", "For work as "+name)
		role.float("maxUsers", 0)
		role.float("billingPerHour", float64(60+15*i))
		role.float("costPerHour", float64(30+10*i)+0.5)
	}
	for _, name := range []string{"Design", "Web", "Print", "Video", "Translations"} {
		team := g.made("TEAMOB", name)
		team.refer("groupID", g.some("GROUP"))
		team.refer("ownerID", g.user())
	}
	users := g.tables["USER"]
	for row := range users.ids {
		u := object{users, int32(row)}
		team := g.some("TEAMOB")
		u.refer("roleID", g.some("ROLE"))
		u.refer("homeGroupID", g.some("GROUP"))
		u.refer("homeTeamID", team)
		u.refer("companyID", pick(g, object{g.tables["CMPY"], 0}, object{g.tables["CMPY"], 0}, g.some("CMPY")))
		member := g.made("TEAMMB", "")
		member.refer("teamID", team)
		member.refer("userID", u)
		member.set("hasAssignPermissions", boolean(g.chance(30)))
		week := g.begin.AddDate(0, 0, 7*g.rng.IntN(60))
		sheet := g.made("TSHET", "")
		sheet.text("displayName", week.Format("01/02/06")+" - "+week.AddDate(0, 0, 6).Format("01/02/06"))
		sheet.text("status", pick(g, "O", "S", "C"))
		sheet.time("startDate", beginning(week, 'd'))
		sheet.time("endDate", beginning(week, 'd').AddDate(0, 0, 6))
		sheet.refer("userID", u)
	}
}

// plans are portfolios, their programs, and templates; and which projects are in and from them.
func (g *generator) plans(projects int) {
	names := []string{"Brand", "Digital", "Events", "Publications", "Internal", "New markets", "R&D"}
	for i := range 3 + projects/50 {
		portfolio := g.made("PORT", numbered(names, i))
		portfolio.text("description", g.description())
		portfolio.refer("ownerID", g.user())
		portfolio.refer("groupID", g.some("GROUP"))
		for _, year := range []string{"2025", "2026"} {
			program := g.made("PRGM", numbered(names, i)+" "+year)
			program.refer("portfolioID", portfolio)
			program.refer("ownerID", g.user())
		}
	}
	for _, name := range []string{"Campaign", "Brochure", "Website", "Event"} {
		template := g.made("TMPL", name)
		template.text("description", g.description())
		template.refer("ownerID", g.user())
		var first object
		for n, step := range []string{"Brief", "Draft", "Review", "Approve", "Ship"} {
			task := g.made("TTSK", step)
			task.number("taskNumber", n+1)
			task.number("durationMinutes", 480*(1+g.rng.IntN(5)))
			task.number("workRequired", 60*(1+g.rng.IntN(16)))
			task.refer("templateID", template)
			task.refer("roleID", g.some("ROLE"))
			if n == 0 {
				first = task
			} else if n == 2 {
				task.refer("parentID", first)
			}
		}
	}
	t, programs := g.tables["PROJ"], g.tables["PRGM"]
	for row := range t.ids {
		p := object{t, int32(row)}
		p.text("condition", pick(g, "ON", "ON", "AR", "IT"))
		p.refer("companyID", g.some("CMPY"))
		p.refer("groupID", g.some("GROUP"))
		if g.chance(70) {
			program := g.some("PRGM")
			p.refer("programID", program)
			p.set("portfolioID", programs.get(programs.class.field("portfolioID"), program.row))
		}
		if g.chance(30) {
			p.refer("templateID", g.some("TMPL"))
		}
		if g.chance(50) {
			p.refer("sponsorID", g.user())
		}
	}
}

func numbered(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s %d", names[i%len(names)], i/len(names)+1)
}
