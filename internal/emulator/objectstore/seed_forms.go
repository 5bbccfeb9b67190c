package objectstore

import "strings"

// forms are the custom forms and their fields, and which objects have one.
func (g *generator) forms() {
	for _, code := range []string{"PROJ", "TASK", "OPTASK"} {
		t := g.tables[code]
		form := g.made("CTGY", map[string]string{"PROJ": "Project details", "TASK": "Task details", "OPTASK": "Request details"}[code])
		form.text("catObjCode", code)
		form.set("isActive", boolean(true))
		var fields []*field
		for n, f := range t.class.fields {
			if !f.custom() {
				continue
			}
			fields = append(fields, f)
			of := g.parameter(strings.TrimPrefix(f.name, "DE:"), f.kind)
			place := g.made("CTGYPA", "")
			place.refer("categoryID", form)
			place.refer("parameterID", of)
			place.number("displayOrder", n)
			place.set("isRequired", boolean(false))
		}
		has := t.class.field("categoryID")
		for row := range t.ids {
			o := object{t, int32(row)}
			g.fillForm(o, code)
			for _, f := range fields {
				if !t.get(f, o.row).null {
					t.set(has, o.row, number(float64(form.row)))
				}
			}
		}
	}
}

// fillForm gives some objects the custom values that the first stream has not given.
func (g *generator) fillForm(o object, code string) {
	switch {
	case code == "PROJ":
		if g.chance(40) {
			o.time("DE:Go-live", beginning(g.begin.Add(g.days(700)), 'd'))
		}
		if g.chance(40) {
			o.float("DE:Forecast", float64(g.rng.IntN(4000))/4)
		}
		if g.chance(30) {
			o.refer("DE:Client contact", g.user())
		}
	case g.chance(25):
		o.text("DE:Channel", pick(g, "Web", "Print", "Social", "E-mail, newsletter"))
	}
}

// parameter is the field of that name, which several forms may share.
func (g *generator) parameter(name string, k kind) object {
	t := g.tables["PARAM"]
	for row := range t.ids {
		if t.get(t.class.field("name"), int32(row)).text == name {
			return object{t, int32(row)}
		}
	}
	p := g.made("PARAM", name)
	dataType, display := "TEXT", "TEXT"
	switch k {
	case kindDouble:
		dataType = "NMBR"
	case kindDate:
		dataType, display = "DATE", "DATE"
	}
	p.text("dataType", dataType)
	p.text("displayType", display)
	return p
}
