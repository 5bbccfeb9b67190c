package objectstore

import (
	"fmt"
	"strings"
)

// Reason is what kind of refusal one is.
type Reason int

// The reasons.
const (
	Invalid     Reason = iota // the request makes no sense
	Unsupported               // nothing of the kind can be asked
	NotFound                  // what it is about is not there
	Forbidden                 // not in the state that things are in
	LoggedOut                 // it is read as a login, and not a good one
)

// Refusal is why the store does not do as it was asked, in Workfront's words.
type Refusal struct {
	Reason  Reason
	Class   string // a Java class name; "" leaves it out
	Message string
	Full    bool // with the members that only some refusals have
}

func (e *Refusal) Error() string { return e.Message }

// The classes that refusals name.
const (
	ClassArgument       = "java.lang.IllegalArgumentException"
	ClassUnsupported    = "java.lang.UnsupportedOperationException"
	ClassAuthentication = "com.attask.common.AuthenticationException"
	classRecordNotFound = "com.attask.common.RecordNotFoundException"
)

func invalid(format string, args ...any) *Refusal {
	return &Refusal{Reason: Invalid, Class: ClassArgument, Message: fmt.Sprintf(format, args...)}
}

func unsupported(format string, args ...any) *Refusal {
	return &Refusal{Reason: Unsupported, Class: ClassUnsupported, Message: fmt.Sprintf(format, args...)}
}

func notFound(class *class, id string) *Refusal {
	return &Refusal{
		Reason:  NotFound,
		Class:   classRecordNotFound,
		Message: fmt.Sprintf("%s with primary key value(s) %q not found", class.name, id),
	}
}

func unknownObject(name string) *Refusal {
	return &Refusal{Reason: NotFound, Message: "Unknown object type: " + strings.ToUpper(name)}
}

func (q *query) unknownField(class *class, name string) *Refusal {
	return invalid("APIModel %s does not support field %s (%s)", q.Model, name, class.name)
}
