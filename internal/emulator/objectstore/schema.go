package objectstore

import (
	"slices"
	"strings"
)

// kind is how a field's values are stored, compared and written.
type kind uint8

const (
	kindID kind = iota
	kindObjCode
	kindText
	kindChoice // text out of a list
	kindInt
	kindDouble
	kindCurrency // a number until v19.0, a string since
	kindBool
	kindDate
	kindDateTime
	kindReference // the row of another object; the field's name ends in ID
)

// field is one field of an object type.
type field struct {
	name, label string
	kind        kind
	target      string   // of a reference: the code of the object type
	choices     []choice // of a kindChoice, or what the numbers of a kindInt mean
	owned       bool     // of a reference: who is referred to takes this object along when deleted
	readOnly    bool     // a request that would change it is refused
	frozen      bool     // an edit that would change it is ignored, without a word
	unique      bool     // no two objects have the same text
	plain       bool     // also null where everything else has a default

	column int // where the table keeps it
}

type choice struct{ value, label string }

// custom tells the fields of custom forms from the built-in ones.
func (f *field) custom() bool { return strings.HasPrefix(f.name, "DE:") }

// relation is the name under which a reference's object is nested.
func (f *field) relation() string { return strings.TrimSuffix(f.name, "ID") }

// stored tells what the table keeps from what it knows without a column.
func (f *field) stored() bool { return f.kind != kindID && f.kind != kindObjCode }

// class is an object type.
type class struct {
	code, name, label string
	alias             string // a third name that it goes by
	fields            []*field
	standard          []string // the fields of an answer that asks for none
	collections       []collection
	actions           []action
	queries           []namedQuery
	operations        string   // what can be done, as metadata say it; "" is everything
	parts             []string // the types whose objects these are, if they are none of their own
	journal           bool     // its changes are kept as JRNLE
	forced            bool     // it is deleted with force=true only

	byName map[string]*field
}

// collection is the objects of another type that refer to one of this.
type collection struct {
	name, label string
	target, by  string // the other type's code, and its reference
}

const everything = "add count delete edit get report search"

func (c *class) field(name string) *field { return c.byName[name] }

// reference finds the reference by which an object is nested under name.
func (c *class) reference(name string) *field {
	if f := c.byName[name+"ID"]; f != nil && f.kind == kindReference {
		return f
	}
	return nil
}

func (c *class) collection(name string) (collection, bool) {
	i := slices.IndexFunc(c.collections, func(known collection) bool { return known.name == name })
	if i < 0 {
		return collection{}, false
	}
	return c.collections[i], true
}

// allows says whether an operation is one that the type has.
func (c *class) allows(operation string) bool {
	operations := c.operations
	if operations == "" {
		operations = everything
	}
	return slices.Contains(strings.Fields(operations), operation)
}

// schema describes the object types that the tenant serves.
func schema() []*class {
	classes := slices.Concat(workClasses(), planClasses(), peopleClasses(), contentClasses(), formClasses())
	for _, c := range classes {
		c.byName = make(map[string]*field, len(c.fields))
		for _, f := range c.fields {
			c.byName[f.name] = f
		}
	}
	return classes
}

// identity is what all objects with a name begin with.
func identity() []*field {
	return []*field{
		{name: "ID", label: "ID", kind: kindID, readOnly: true},
		text("name", "Name"),
		{name: "objCode", label: "Object Code", kind: kindObjCode, readOnly: true},
	}
}

// nameless is what all others begin with.
func nameless() []*field {
	return []*field{
		{name: "ID", label: "ID", kind: kindID, readOnly: true},
		{name: "objCode", label: "Object Code", kind: kindObjCode, readOnly: true},
	}
}

func text(name, label string) *field { return &field{name: name, label: label, kind: kindText} }

func whole(name, label string) *field { return &field{name: name, label: label, kind: kindInt} }

func double(name, label string) *field { return &field{name: name, label: label, kind: kindDouble} }

func money(name, label string) *field { return &field{name: name, label: label, kind: kindCurrency} }

func flag(name, label string) *field { return &field{name: name, label: label, kind: kindBool} }

func date(name, label string) *field { return &field{name: name, label: label, kind: kindDate} }

func dateTime(name, label string) *field { return &field{name: name, label: label, kind: kindDateTime} }

// noDate is a time that nothing has from the beginning.
func noDate(name, label string) *field {
	return &field{name: name, label: label, kind: kindDateTime, plain: true}
}

func reference(name, label, target string) *field {
	return &field{name: name, label: label, kind: kindReference, target: target}
}

// owner is a reference to what takes this object along when deleted.
func owner(name, label, target string) *field {
	return &field{name: name, label: label, kind: kindReference, target: target, owned: true}
}

func choiceField(name, label string, choices ...choice) *field {
	return &field{name: name, label: label, kind: kindChoice, choices: choices}
}

func readOnly(f *field) *field {
	f.readOnly = true
	return f
}

func frozen(f *field) *field {
	f.frozen = true
	return f
}

func entryDate() *field { return readOnly(dateTime("entryDate", "Entry Date")) }

func lastUpdateDate() *field { return readOnly(noDate("lastUpdateDate", "Last Update Date")) }

func externalID() *field { return text("extRefID", "External Reference ID") }

func customer() *field { return readOnly(reference("customerID", "Customer ID", "CUST")) }

func enteredBy() *field { return reference("enteredByID", "Entered By ID", "USER") }

func severity() *field {
	f := whole("severity", "Severity")
	f.choices = []choice{{"0", "None"}, {"1", "Minor"}, {"2", "Confusing"}, {"3", "Bug with workaround"}, {"4", "Fatal Error"}}
	return f
}

func priority() *field {
	f := whole("priority", "Priority")
	f.choices = []choice{{"0", "None"}, {"1", "Low"}, {"2", "Normal"}, {"3", "High"}, {"4", "Urgent"}}
	return f
}
