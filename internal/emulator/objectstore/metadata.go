package objectstore

import (
	"cmp"
	"encoding/json"
	"strings"
)

// classInfo is an object type in the list of all.
type classInfo struct {
	Name    string `json:"name"`
	Label   string `json:"label"`
	ObjCode string `json:"objCode"`
	URL     string `json:"url"`
}

// classDetail is one object type in full, its members as recorded.
type classDetail struct {
	Name        string                `json:"name"`
	Label       string                `json:"label"`
	ObjCode     string                `json:"objCode"`
	Flags       []string              `json:"flags"`
	URL         string                `json:"url"`
	Fields      map[string]fieldInfo  `json:"fields"`
	References  map[string]fieldInfo  `json:"references"`
	Collections map[string]fieldInfo  `json:"collections"`
	Search      struct{}              `json:"search"`
	Custom      map[string]customInfo `json:"custom,omitempty"`
	Actions     map[string]actionInfo `json:"actions"`
	Queries     map[string]actionInfo `json:"queries"`
	Operations  []string              `json:"operations"`
}

type fieldInfo struct {
	Flags             []string        `json:"flags,omitempty"`
	Label             string          `json:"label"`
	TypeObjCode       *string         `json:"typeObjCode"`
	TargetTypeObjCode *string         `json:"targetTypeObjCode"`
	FieldType         string          `json:"fieldType"`
	EnumTargetObjCode *string         `json:"enumTargetObjCode"`
	EnumType          *string         `json:"enumType"`
	URL               *string         `json:"url"`
	PossibleValues    []possibleValue `json:"possibleValues,omitempty"`
}

type possibleValue struct {
	Label string          `json:"label"`
	Value json.RawMessage `json:"value"` // a number where the field is one
}

type customInfo struct {
	Type       string         `json:"type"`
	Categories []categoryInfo `json:"categories"`
}

type categoryInfo struct {
	ID      string `json:"ID"`
	Name    string `json:"name"`
	ObjCode string `json:"objCode"`
}

type actionInfo struct {
	Arguments  []argumentInfo `json:"arguments,omitempty"`
	ResultType string         `json:"resultType,omitempty"`
	Label      string         `json:"label"`
}

type argumentInfo = argument

// describeAll lists the object types.
func (q *query) describeAll(dst []byte) ([]byte, error) {
	objects := make(map[string]classInfo)
	for _, t := range q.store.tables {
		objects[t.class.name] = classInfo{t.class.name, t.class.label, t.class.code, q.metadataURL(t.class.code)}
	}
	text, err := json.Marshal(map[string]any{"objects": objects})
	return append(dst, text...), err
}

func (q *query) metadataURL(code string) string { return q.URL + strings.ToLower(code) + "/metadata" }

// describe answers with everything about one object type.
func (q *query) describe(dst []byte, class *class) ([]byte, error) {
	text, err := json.Marshal(q.detail(class))
	return append(dst, text...), err
}

func (q *query) detail(class *class) classDetail {
	detail := classDetail{
		Name: class.name, Label: class.label, ObjCode: class.code,
		Flags: []string{"REPORTABLE"}, URL: q.metadataURL(class.code),
		Fields:      make(map[string]fieldInfo),
		References:  make(map[string]fieldInfo),
		Collections: make(map[string]fieldInfo),
		Actions:     make(map[string]actionInfo),
		Queries:     make(map[string]actionInfo),
		Operations:  strings.Fields(cmp.Or(class.operations, everything)),
	}
	for _, f := range class.fields {
		if f.custom() {
			if detail.Custom == nil {
				detail.Custom = make(map[string]customInfo)
			}
			detail.Custom[strings.TrimPrefix(f.name, "DE:")] = customInfo{
				Type:       f.info().FieldType,
				Categories: q.store.categories(class),
			}
			continue
		}
		detail.Fields[f.name] = f.info()
		if f.kind == kindReference {
			detail.References[f.relation()] = q.relationInfo(strings.TrimSuffix(f.label, " ID"), f.target)
		}
	}
	for _, collected := range class.collections {
		detail.Collections[collected.name] = q.relationInfo(collected.label, collected.target)
	}
	for _, a := range class.actions {
		detail.Actions[a.name] = actionInfo{Label: a.name, Arguments: a.arguments, ResultType: a.result}
	}
	for _, known := range class.queries {
		detail.Queries[known.name] = actionInfo{Label: known.name}
	}
	return detail
}

// categories are the custom forms for an object type.
func (s *Store) categories(class *class) []categoryInfo {
	forms := []categoryInfo{}
	t := s.tables["CTGY"]
	for _, row := range t.order {
		if t.get(t.class.field("catObjCode"), row).text == class.code {
			forms = append(forms, categoryInfo{t.ids[row].String(), t.get(t.class.field("name"), row).text, "CTGY"})
		}
	}
	return forms
}

// relationInfo describes a reference or a collection by what it leads to.
func (q *query) relationInfo(label, code string) fieldInfo {
	return fieldInfo{
		Flags: []string{"NOT_GROUPABLE"}, Label: label, TypeObjCode: &code,
		FieldType: q.store.tables[code].class.name, URL: new(q.metadataURL(code)),
	}
}

func (f *field) info() fieldInfo {
	info := fieldInfo{Label: f.label}
	switch f.kind {
	case kindInt:
		info.FieldType = "int"
	case kindDouble, kindCurrency:
		info.FieldType = "double"
	case kindBool:
		info.FieldType = "boolean"
	case kindDate:
		info.FieldType = "date"
	case kindDateTime:
		info.FieldType = "dateTime"
	default:
		info.FieldType = "string"
	}
	if f.readOnly {
		info.Flags = append(info.Flags, "READ_ONLY")
	}
	if f.kind == kindCurrency {
		info.Flags = append(info.Flags, "CURRENCY")
	}
	if f.kind == kindReference {
		info.Flags = append(info.Flags, "NOT_GROUPABLE")
	}
	for _, choice := range f.choices {
		value := AppendString(nil, choice.value)
		if f.kind == kindInt {
			value = []byte(choice.value)
		}
		info.PossibleValues = append(info.PossibleValues, possibleValue{choice.label, value})
	}
	return info
}
