package emulator

import (
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
	Label string `json:"label"`
	Value string `json:"value"`
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
	Arguments []argumentInfo `json:"arguments,omitempty"`
	Label     string         `json:"label"`
}

type argumentInfo struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// metadata answers /metadata and /proj/metadata, for which nobody needs to be logged in.
func (c *call) metadata(dst []byte) ([]byte, error) {
	var answer any
	switch len(c.path) {
	case 1:
		objects := make(map[string]classInfo)
		for _, t := range c.tenant.data.tables {
			objects[t.class.name] = classInfo{t.class.name, t.class.label, t.class.code, c.metadataURL(t.class.code)}
		}
		answer = map[string]any{"objects": objects}
	case 2:
		t := c.tenant.data.table(c.path[0])
		if t == nil {
			return nil, unknownObject(c.path[0])
		}
		answer = c.describe(t.class)
	default:
		return nil, c.tooManyParts()
	}
	text, err := json.Marshal(answer)
	return append(dst, text...), err
}

func (c *call) metadataURL(code string) string {
	return c.tenant.originFor(c.request) + c.prefix + "/" + strings.ToLower(code) + "/metadata"
}

func (c *call) describe(class *class) classDetail {
	detail := classDetail{
		Name: class.name, Label: class.label, ObjCode: class.code,
		Flags: []string{"REPORTABLE"}, URL: c.metadataURL(class.code),
		Fields:      make(map[string]fieldInfo),
		References:  make(map[string]fieldInfo),
		Collections: make(map[string]fieldInfo),
		Actions:     make(map[string]actionInfo),
		Queries:     make(map[string]actionInfo),
		Operations:  []string{"add", "count", "delete", "edit", "get", "report", "search"},
	}
	for _, f := range class.fields {
		if f.custom() {
			if detail.Custom == nil {
				detail.Custom = make(map[string]customInfo)
			}
			detail.Custom[strings.TrimPrefix(f.name, "DE:")] = customInfo{
				Type:       "string",
				Categories: []categoryInfo{{c.tenant.customerID(), "Project details", "CTGY"}},
			}
			continue
		}
		detail.Fields[f.name] = f.info()
		if f.kind == kindReference {
			detail.References[f.relation()] = c.relationInfo(strings.TrimSuffix(f.label, " ID"), f.target)
		}
	}
	for _, collected := range class.collections {
		detail.Collections[collected.name] = c.relationInfo(collected.label, collected.target)
	}
	for _, name := range class.actions {
		detail.Actions[name] = actionInfo{Label: name, Arguments: []argumentInfo{{"ID", "string"}}}
	}
	for _, name := range class.queries {
		detail.Queries[name] = actionInfo{Label: name}
	}
	return detail
}

// relationInfo describes a reference or a collection by what it leads to.
func (c *call) relationInfo(label, code string) fieldInfo {
	return fieldInfo{
		Flags: []string{"NOT_GROUPABLE"}, Label: label, TypeObjCode: &code,
		FieldType: c.tenant.data.tables[code].class.name, URL: new(c.metadataURL(code)),
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
		info.PossibleValues = append(info.PossibleValues, possibleValue{choice.label, choice.value})
	}
	return info
}
