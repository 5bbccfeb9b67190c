package output

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fields []string
		rows   []jsontext.Value
		want   string
	}{
		"order of the fields": {[]string{"b", "a"}, values(`{"a":1,"c":3,"b":2}`), "b,a|2,1"},
		"a field twice":       {[]string{"a", "b", "a"}, values(`{"a":1,"b":2}`), "a,b|1,2"},
		"order of appearance": {nil, values(`{"b":1,"a":2}`, `{"c":3,"a":4,"b":5}`), "b,a,c|1,2,|5,4,3"},
		"nested":              {nil, values(`{"o":{"n":"A","p":{"q":1}},"z":2}`), "o:n,o:p:q,z|A,1,2"},
		"null, then nested":   {nil, values(`{"o":null,"z":1}`, `{"o":{"n":"A"},"z":2}`), "z,o:n|1,|2,A"},
		"null throughout":     {nil, values(`{"o":null,"z":1}`), "o,z|,1"},
		"text, then nested":   {nil, values(`{"o":"x"}`, `{"o":{"n":"A"}}`), `o,o:n|x,|"{""n"":""A""}",A`},
		"empty object":        {nil, values(`{"o":{ },"z":1}`), "z|1"},
		"empty, then nested":  {nil, values(`{"o":{},"z":1}`, `{"o":{"n":"A"},"z":2}`), "z,o:n|1,|2,A"},
		"null, then empty":    {nil, values(`{"o":null,"z":1}`, `{"o":{}}`), "z|1|\"\""},
		"empty, then text":    {nil, values(`{"o":{},"z":1}`, `{"o":"x"}`), "o,z|{},1|x,"},
		"whole and part":      {[]string{"o", "o:n"}, values(`{"o":{"n" : "A"}}`), `o,o:n|"{""n"":""A""}",A`},
		"literal before nest": {[]string{"DE:R"}, values(`{"DE:R":"lit","DE":{"R":"nest"}}`, `{"DE":{"R":"nest"},"DE:R":"lit"}`, `{"DE":{"R":"nest"}}`), "DE:R|lit|lit|nest"},
		"colons in nests":     {[]string{"cat:DE:R"}, values(`{"cat":{"DE:R":1}}`, `{"cat:DE":{"R":2}}`, `{"cat":{"DE":{"R":3}}}`), "cat:DE:R|1|2|3"},
		"custom data":         {nil, values(`{"parameterValues":{"DE:Region":"EMEA"}}`), "parameterValues:DE:Region|EMEA"},
		"the last of two":     {[]string{"a"}, values(`{"a":1,"a":2}`), "a|2"},
		"escaped names":       {[]string{"é\""}, values(`{"\u00e9\"":1}`), `"é"""|1`},
		"a star":              {[]string{"*"}, values(`{"ID":1,"o":{"n":2},"DE:R":3}`), "ID,o:n,DE:R|1,2,3"},
		"all there is":        {[]string{"*:*"}, values(`{"ID":1,"o":{"n":2}}`), "ID,o:n|1,2"},
		"a star beside":       {[]string{"*", "o:n"}, values(`{"ID":1,"o":{"m":1,"n":2},"DE:R":3}`, `{"p":{"q":4}}`), "ID,DE:R,p:q,o:n|1,3,,2|,,4,"},
		"a star, and nobody":  {[]string{"*", "o:n"}, values(`{"ID":1,"o":null}`), "ID,o:n|1,"},
		"a star, and whole":   {[]string{"*", "o"}, values(`{"ID":1,"o":{"n":2}}`), `ID,o|1,"{""n"":2}"`},
		"a star before":       {[]string{"b", "*"}, values(`{"a":1,"b":2}`), "b,a|2,1"},
		"a star below":        {[]string{"ID", "o:*", "x"}, values(`{"o":{"n":2,"m":{"k":4}},"ID":1}`), "ID,o:n,o:m:k,x|1,2,4,"},
		"a star in a name":    {[]string{"a*"}, values(`{"a*":1,"ab":2}`), "a*|1"},
		"no keys, then some":  {nil, values(`{}`, `{"a":1}`), "a|\"\"|1"},
		"no keys":             {nil, values(`{}`, `{}`), ""},
		"not there":           {[]string{"x"}, values(`{"a":1}`), `x|""`},
		"an empty name":       {nil, values(`{"":1}`), `|1`},
		"values":              {[]string{"a", "b", "c", "d"}, values(`{"a":null,"b":true,"c":"","d":[ 1, {"x" : 1.50} ]}`), `a,b,c,d|,true,,"[1,{""x"":1.50}]"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, notes := write(t, CSV, Options{Fields: test.fields}, test.rows)
			want := ""
			if test.want != "" {
				want = strings.ReplaceAll(test.want, "|", "\r\n") + "\r\n"
			}
			if got != want || len(notes) > 0 {
				t.Errorf("got %q, want %q, notes %q", got, want, notes)
			}
		})
	}
}

// A key of a later page is a column like any other.
func TestKeysOfLaterPages(t *testing.T) {
	t.Parallel()
	pages := [][]jsontext.Value{
		values(`{"name":"a","parameterValues":{}}`),
		nil,
		values(`{"name":"b","parameterValues":{"DE:Region":"EMEA"}}`, `{}`),
		values(`{"name":"c","more":[1],"parameterValues":{"DE:Cost":1.50}}`),
	}
	for _, test := range []struct {
		format Format
		fields []string
		want   string
	}{
		{CSV, nil, "name,parameterValues:DE:Region,more,parameterValues:DE:Cost\r\na,,,\r\nb,EMEA,,\r\n,,,\r\nc,,[1],1.50\r\n"},
		{CSV, []string{"parameterValues:*", "name"}, "parameterValues:DE:Region,parameterValues:DE:Cost,name\r\n,,a\r\nEMEA,,b\r\n,,\r\n,1.50,c\r\n"},
		{CSV, []string{"name"}, "name\r\na\r\nb\r\n\"\"\r\nc\r\n"},
		{TSV, []string{"name", "parameterValues:*"}, "name\tparameterValues:DE:Region\tparameterValues:DE:Cost\na\t\t\nb\tEMEA\t\n\t\t\nc\t\t1.50\n"},
		{Table, []string{"name", "parameterValues:*"}, "name  parameterValues:DE:Region  parameterValues:DE:Cost\na\nb     EMEA\n\nc                                                   1.50\n"},
	} {
		if got, notes := write(t, test.format, Options{Fields: test.fields}, pages...); got != test.want || notes != nil {
			t.Errorf("%s %q: got %q and notes %q, want %q", test.format, test.fields, got, notes, test.want)
		}
	}
}

func TestWhatLiesDeepStaysJSON(t *testing.T) {
	t.Parallel()
	const depth = maxFlattened + 2
	row := strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
	got, _ := write(t, CSV, Options{}, values(row))
	want := "a" + strings.Repeat(":a", maxFlattened) + "\r\n\"{\"\"a\"\":1}\"\r\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Names with very many colons must not blow up.
func TestManyColons(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("a:", 20_000)
	got, _ := write(t, CSV, Options{}, values(`{"`+name+`":1}`))
	if got != name+"\r\n1\r\n" {
		t.Errorf("got %d bytes", len(got))
	}
}
