package emulator

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxBulk is how many objects one request may change.
const maxBulk = 100

// create answers POST /proj: one object of form fields or updates={…}, several of updates=[…], or a
// copy of copySourceID with those changes.
func (c *call) create(dst []byte, t *table) ([]byte, error) {
	if len(c.path) > 1 {
		return nil, c.tooManyParts()
	}
	d := c.tenant.data
	d.mu.Lock()
	defer d.mu.Unlock()
	changes, bulk, err := c.changes(t)
	if err != nil {
		return nil, err
	}
	source := int32(-1)
	if id := c.params.get("copySourceID"); id != "" {
		if source, err = find(t, id); err != nil {
			return nil, err
		}
	}
	selected, err := c.selectFields(t)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if name := t.class.field("name"); name != nil && source < 0 && change.text(name) == "" {
			return nil, invalid("Invalid Parameter: name value \"\"")
		}
	}
	rows := make([]int32, len(changes))
	for i, change := range changes {
		rows[i] = c.insert(t, source, change)
	}
	return appendChanged(dst, selected, rows, bulk, c.version), nil
}

// insert adds an object: the defaults or a copy, then the changes.
func (c *call) insert(t *table, source int32, change change) int32 {
	row := t.add(newID(c.now))
	for _, f := range t.class.fields {
		if source >= 0 && f.kind != kindID && f.kind != kindObjCode {
			t.set(f, row, t.get(f, source))
		}
	}
	if source < 0 {
		t.setDefaults(row)
	}
	if f := t.class.field("entryDate"); f != nil && f.readOnly {
		t.set(f, row, number(float64(c.now.UnixMilli())))
	}
	change.apply(t, row)
	t.link(row)
	return row
}

// setDefaults fills what no object is without.
func (t *table) setDefaults(row int32) {
	for _, f := range t.class.fields {
		switch {
		case f.kind == kindChoice:
			t.set(f, row, textValue(f.choices[0].value))
		case f.kind == kindBool, f.name == "priority", f.name == "percentComplete":
			t.set(f, row, number(0))
		}
	}
}

// put answers PUT: a change of one object, of several, or an action.
func (c *call) put(dst []byte, t *table) ([]byte, error) {
	d := c.tenant.data
	d.mu.Lock()
	defer d.mu.Unlock()
	if action := c.action(); action != "" {
		return c.act(dst, t, action)
	}
	changes, bulk, err := c.changes(t)
	if err != nil {
		return nil, err
	}
	selected, err := c.selectFields(t)
	if err != nil {
		return nil, err
	}
	var rows []int32
	if len(c.path) == 2 {
		row, err := find(t, c.path[1])
		if err != nil {
			return nil, err
		}
		rows = []int32{row}
	} else {
		ids := c.ids()
		if bulk && len(ids) == 0 {
			for _, change := range changes {
				ids = append(ids, change.id)
			}
		}
		if len(ids) == 0 {
			return nil, unsupported("you must specify an action")
		}
		for _, id := range ids {
			row, err := find(t, id)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
		bulk = true
	}
	if len(changes) == 1 && len(rows) > 1 {
		changes = slices.Repeat(changes, len(rows))
	}
	if len(changes) != len(rows) {
		return nil, invalid("%d updates for %d objects", len(changes), len(rows))
	}
	for _, row := range rows {
		if err := d.checkOpen(t, row); err != nil {
			return nil, err
		}
	}
	for i, row := range rows {
		changes[i].apply(t, row)
		if f := t.class.field("lastUpdateDate"); f != nil {
			t.set(f, row, number(float64(c.now.UnixMilli())))
		}
	}
	return appendChanged(dst, selected, rows, bulk, c.version), nil
}

// remove answers DELETE of one object or of several.
func (c *call) remove(dst []byte, t *table) ([]byte, error) {
	d := c.tenant.data
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := c.ids()
	if len(c.path) == 2 {
		ids = []string{c.path[1]}
	}
	if len(ids) == 0 || len(c.path) > 2 {
		return nil, unsupported("you must specify an ID")
	}
	if len(ids) > maxBulk {
		return nil, tooManyObjects()
	}
	rows := make([]int32, len(ids))
	for i, id := range ids {
		row, err := find(t, id)
		if err != nil {
			return nil, err
		}
		if err := d.checkOpen(t, row); err != nil {
			return nil, err
		}
		rows[i] = row
	}
	for _, row := range rows {
		d.remove(t, row)
	}
	return append(dst, `{"success":true}`...), nil
}

// remove deletes an object and what it owns, and leaves no reference to either.
func (d *data) remove(t *table, row int32) {
	t.unlink(row)
	for _, other := range d.tables {
		for _, f := range other.class.fields {
			if f.kind != kindReference || f.target != t.class.code {
				continue
			}
			for referring, target := range other.numbers[f.column] {
				if int32(target) != row || math.IsNaN(target) {
					continue
				}
				other.set(f, int32(referring), null())
				if f.owned {
					d.remove(other, int32(referring))
				}
			}
		}
	}
}

// checkOpen refuses changes below a project that is complete, as Workfront does.
func (d *data) checkOpen(t *table, row int32) error {
	f := t.class.reference("project")
	if f == nil {
		return nil
	}
	project := t.get(f, row)
	projects := d.tables["PROJ"]
	if !project.null && projects.get(projects.class.field("status"), int32(project.number)).text == "CPL" {
		return &apiError{
			status: 403, class: "com.attask.common.ProjectStatusViolationException", full: true,
			message: "Unable to complete operation for a project of status Complete",
		}
	}
	return nil
}

// appendChanged writes the objects as they are now.
func appendChanged(dst []byte, selected *selection, rows []int32, bulk bool, version int) []byte {
	if bulk {
		return appendList(dst, selected, rows, version)
	}
	return selected.appendObject(dst, rows[0], version)
}

func tooManyObjects() error {
	return invalid("The number of objects is greater than the maximum allowed of %d", maxBulk)
}

// change is what a request wants of one object.
type change struct {
	id     string // of the object, in bulk updates
	fields []*field
	values []value
}

func (ch change) apply(t *table, row int32) {
	for i, f := range ch.fields {
		t.set(f, row, ch.values[i])
	}
}

// text is what the change makes of a text field, "" if nothing.
func (ch change) text(f *field) string {
	if i := slices.Index(ch.fields, f); i >= 0 {
		return ch.values[i].text
	}
	return ""
}

// changes reads what to change, from updates={json} or from the parameters that are left.
func (c *call) changes(t *table) (changes []change, bulk bool, err error) {
	form := make(map[string]any)
	for _, p := range c.params {
		switch p.name {
		case "updates", "ID", "id", "ids", "copySourceID", "atomic", "force", "action":
		default:
			if !isInstruction(p.name) {
				form[p.name] = p.value
			}
		}
	}
	if !c.params.has("updates") {
		ch, err := c.change(t, form)
		return []change{ch}, false, err
	}
	for name := range form {
		return nil, false, invalid("Cannot mix 'updates' JSON parameter with non-JSON update parameter '%s'", name)
	}
	updates := []byte(c.params.get("updates"))
	var one map[string]any
	if unmarshalNumbers(updates, &one) == nil && one != nil {
		ch, err := c.change(t, one)
		return []change{ch}, false, err
	}
	var several []map[string]any
	if err := unmarshalNumbers(updates, &several); err != nil || len(several) == 0 {
		return nil, false, invalid("Invalid Parameter: updates value is neither a JSON object nor an array of them")
	}
	if len(several) > maxBulk {
		return nil, false, tooManyObjects()
	}
	for _, object := range several {
		ch, err := c.change(t, object)
		if err != nil {
			return nil, false, err
		}
		changes = append(changes, ch)
	}
	return changes, true, nil
}

// change checks the wishes for one object.
func (c *call) change(t *table, wishes map[string]any) (ch change, err error) {
	for _, name := range slices.Sorted(maps.Keys(wishes)) {
		if name == "ID" {
			ch.id, _ = wishes[name].(string)
			continue
		}
		if name == "objCode" {
			continue
		}
		f := t.class.field(name)
		if f == nil {
			return ch, c.unknownField(t.class, name)
		}
		if f.readOnly {
			return ch, invalid("The field %s (%s) is read-only", name, t.class.name)
		}
		v, err := c.parseValue(f, wishes[name])
		if err != nil {
			return ch, err
		}
		ch.fields = append(ch.fields, f)
		ch.values = append(ch.values, v)
	}
	return ch, nil
}

// parseValue reads a new value from a form's text or from JSON.
func (c *call) parseValue(f *field, wish any) (value, error) {
	var text string
	switch w := wish.(type) {
	case nil:
		return null(), nil
	case string:
		text = w
	case json.Number:
		text = w.String()
	case bool:
		text = strconv.FormatBool(w)
	default:
		return null(), invalid("argument type mismatch")
	}
	if text == "" {
		return null(), nil
	}
	switch f.kind {
	case kindText:
		return textValue(text), nil
	case kindChoice:
		base, _, _ := strings.Cut(text, ":") // CPL:A is a status awaiting approval
		if !slices.ContainsFunc(f.choices, func(known choice) bool { return known.value == base }) {
			return null(), invalid("Invalid custom enum value(s) for field '%s': ['%s']", f.label, text)
		}
		return textValue(text), nil
	}
	operand, err := c.parseOperand(f, f.name, text)
	if err != nil || f.kind == kindReference && operand.low < 0 {
		return null(), invalid("Invalid Parameter: %s value %q", f.name, text)
	}
	return number(operand.low), nil
}
