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
	choices     []choice // of a kindChoice
	owned       bool     // of a reference: who is referred to takes this object along when deleted
	readOnly    bool

	column int // where the table keeps it
}

type choice struct{ value, label string }

// custom tells the fields of custom forms from the built-in ones.
func (f *field) custom() bool { return strings.HasPrefix(f.name, "DE:") }

// relation is the name under which a reference's object is nested.
func (f *field) relation() string { return strings.TrimSuffix(f.name, "ID") }

// class is an object type.
type class struct {
	code, name, label string
	fields            []*field
	standard          []string // the fields of an answer that asks for none
	collections       []collection
	actions, queries  []string
}

// collection is the objects of another type that refer to one of this.
type collection struct {
	name, label string
	target, by  string // the other type's code, and its reference
}

func (c *class) field(name string) *field {
	return c.find(func(f *field) bool { return f.name == name })
}

// reference finds the reference by which an object is nested under name.
func (c *class) reference(name string) *field {
	return c.find(func(f *field) bool { return f.kind == kindReference && f.relation() == name })
}

func (c *class) find(match func(*field) bool) *field {
	if i := slices.IndexFunc(c.fields, match); i >= 0 {
		return c.fields[i]
	}
	return nil
}

// schema describes the object types that the tenant serves.
func schema() []*class {
	return []*class{projectClass(), taskClass(), issueClass(), userClass(), hourClass()}
}

func projectClass() *class {
	return &class{
		code: "PROJ", name: "Project", label: "Project",
		collections: []collection{{"tasks", "Tasks", "TASK", "projectID"}, {"hours", "Hours", "HOUR", "projectID"}},
		standard:    []string{"ID", "name", "objCode", "percentComplete", "plannedCompletionDate", "plannedStartDate", "priority", "projectedCompletionDate", "status"},
		fields: append(identity(),
			choiceField("status", "Status", choice{"CUR", "Current"}, choice{"PLN", "Planning"}, choice{"CPL", "Complete"}, choice{"ONH", "On Hold"}, choice{"DED", "Dead"}),
			text("description", "Description"),
			priority(),
			double("percentComplete", "Percent Complete"),
			dateTime("plannedStartDate", "Planned Start Date"),
			dateTime("plannedCompletionDate", "Planned Completion Date"),
			dateTime("projectedCompletionDate", "Projected Completion Date"),
			dateTime("actualCompletionDate", "Actual Completion Date"),
			&field{name: "entryDate", label: "Entry Date", kind: kindDateTime, readOnly: true},
			&field{name: "lastUpdateDate", label: "Last Update Date", kind: kindDateTime, readOnly: true},
			&field{name: "referenceNumber", label: "Reference Number", kind: kindInt, readOnly: true},
			&field{name: "budget", label: "Budget", kind: kindCurrency},
			reference("ownerID", "Owner ID", "USER"),
			reference("enteredByID", "Entered By ID", "USER"),
			text("DE:Region", "Region"),
			text("DE:Cost Center", "Cost Center"),
		),
	}
}

func taskClass() *class {
	return &class{
		code: "TASK", name: "Task", label: "Task",
		collections: []collection{{"children", "Subtasks", "TASK", "parentID"}, {"hours", "Hours", "HOUR", "taskID"}},
		standard:    []string{"ID", "name", "objCode", "percentComplete", "plannedCompletionDate", "plannedStartDate", "priority", "progressStatus", "projectedCompletionDate", "projectedStartDate", "status", "taskNumber", "wbs"},
		actions:     []string{actionMarkDone, actionMarkNotDone},
		fields: append(identity(),
			choiceField("status", "Status", choice{"NEW", "New"}, choice{"INP", "In Progress"}, choice{"CPL", "Complete"}),
			text("description", "Description"),
			priority(),
			double("percentComplete", "Percent Complete"),
			choiceField("progressStatus", "Progress Status", choice{"OT", "On Time"}, choice{"LT", "Late"}, choice{"BH", "Behind"}, choice{"AR", "At Risk"}),
			dateTime("plannedStartDate", "Planned Start Date"),
			dateTime("plannedCompletionDate", "Planned Completion Date"),
			dateTime("projectedStartDate", "Projected Start Date"),
			dateTime("projectedCompletionDate", "Projected Completion Date"),
			&field{name: "entryDate", label: "Entry Date", kind: kindDateTime, readOnly: true},
			&field{name: "taskNumber", label: "Task Number", kind: kindInt, readOnly: true},
			&field{name: "wbs", label: "WBS", kind: kindText, readOnly: true},
			&field{name: "workRequired", label: "Planned Minutes", kind: kindInt},
			&field{name: "projectID", label: "Project ID", kind: kindReference, target: "PROJ", owned: true},
			&field{name: "parentID", label: "Parent ID", kind: kindReference, target: "TASK", owned: true},
			reference("assignedToID", "Assigned To ID", "USER"),
		),
	}
}

func issueClass() *class {
	return &class{
		code: "OPTASK", name: "OpTask", label: "Issue",
		standard: []string{"ID", "name", "objCode", "entryDate", "plannedCompletionDate", "plannedStartDate", "priority", "severity", "status"},
		actions:  []string{actionMarkDone, actionMarkNotDone},
		fields: append(identity(),
			choiceField("status", "Status", choice{"NEW", "New"}, choice{"INP", "In Progress"}, choice{"AWF", "Awaiting Feedback"}, choice{"CPL", "Complete"}),
			text("description", "Description"),
			priority(),
			&field{name: "severity", label: "Severity", kind: kindInt},
			dateTime("plannedStartDate", "Planned Start Date"),
			dateTime("plannedCompletionDate", "Planned Completion Date"),
			&field{name: "entryDate", label: "Entry Date", kind: kindDateTime, readOnly: true},
			&field{name: "isComplete", label: "Is Complete", kind: kindBool},
			&field{name: "projectID", label: "Project ID", kind: kindReference, target: "PROJ", owned: true},
			reference("ownerID", "Primary Contact ID", "USER"),
			reference("assignedToID", "Assigned To ID", "USER"),
		),
	}
}

func userClass() *class {
	return &class{
		code: "USER", name: "User", label: "User",
		standard: []string{"ID", "name", "objCode", "emailAddr", "firstName", "isActive", "lastName", "title", "username"},
		queries:  []string{queryUserAdmins},
		fields: append(identity(),
			text("firstName", "First Name"),
			text("lastName", "Last Name"),
			text("username", "Username"),
			text("emailAddr", "Email Address"),
			text("title", "Title"),
			text("phoneNumber", "Phone Number"),
			&field{name: "isActive", label: "Is Active", kind: kindBool},
			&field{name: "isAdmin", label: "Is Admin", kind: kindBool, readOnly: true},
			&field{name: "entryDate", label: "Entry Date", kind: kindDateTime, readOnly: true},
			reference("managerID", "Manager ID", "USER"),
		),
	}
}

func hourClass() *class {
	return &class{
		code: "HOUR", name: "Hour", label: "Hour",
		standard: []string{"ID", "objCode", "entryDate", "hours", "status"},
		fields: []*field{
			{name: "ID", label: "ID", kind: kindID, readOnly: true},
			{name: "objCode", label: "Object Code", kind: kindObjCode, readOnly: true},
			choiceField("status", "Status", choice{"SUB", "Submitted"}, choice{"APR", "Approved"}),
			text("description", "Description"),
			double("hours", "Hours"),
			{name: "entryDate", label: "Entry Date", kind: kindDate},
			{name: "projectID", label: "Project ID", kind: kindReference, target: "PROJ", owned: true},
			reference("taskID", "Task ID", "TASK"),
			reference("opTaskID", "Issue ID", "OPTASK"),
			reference("ownerID", "Owner ID", "USER"),
		},
	}
}

// identity is what all objects with a name begin with.
func identity() []*field {
	return []*field{
		{name: "ID", label: "ID", kind: kindID, readOnly: true},
		text("name", "Name"),
		{name: "objCode", label: "Object Code", kind: kindObjCode, readOnly: true},
	}
}

func text(name, label string) *field { return &field{name: name, label: label, kind: kindText} }

func double(name, label string) *field { return &field{name: name, label: label, kind: kindDouble} }

func dateTime(name, label string) *field { return &field{name: name, label: label, kind: kindDateTime} }

func reference(name, label, target string) *field {
	return &field{name: name, label: label, kind: kindReference, target: target}
}

func choiceField(name, label string, choices ...choice) *field {
	return &field{name: name, label: label, kind: kindChoice, choices: choices}
}

func priority() *field { return &field{name: "priority", label: "Priority", kind: kindInt} }
