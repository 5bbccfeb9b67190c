package output

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	chartWidth = 80 // where none is given
	leastBar   = 8  // columns of a terminal; labels are cut to leave so many
	leastLabel = 4

	barColor, minusColor, plainColor           = "\x1b[36m", "\x1b[31m", "\x1b[0m"
	fullBlock, leftHalf, rightHalf, chartsZero = "█", "▌", "▐", "│"

	labelJoint = " / " // between the groups of one row
)

var errNoNumbers = errors.New("there are no numbers to draw")

// A chart draws a bar for each row and each column of numbers, below one another in one scale a column. The keys, or else whatever is
// no number, say what a bar is about. Rows wait until the last has come.
type chart struct {
	sink
	keys  []string
	width int
	color bool
	line  func(string) string
	rows  []map[string]jsontext.Value
	names []string // in order of appearance
}

func newChart(w io.Writer, o Options) *chart {
	c := &chart{sink: sink{w: w}, keys: o.Keys, width: o.Width, color: o.Color, line: o.Line}
	if c.width <= 0 {
		c.width = chartWidth
	}
	return c
}

func (c *chart) Page(rows []jsontext.Value) error {
	for _, row := range rows {
		cells := map[string]jsontext.Value{}
		err := members(row, func(name, value jsontext.Value) {
			key := string(appendText(nil, name))
			cells[key] = value.Clone()
			if !slices.Contains(c.names, key) {
				c.names = append(c.names, key)
			}
		})
		if err != nil {
			return c.failed(nil, len(c.rows)+1, err)
		}
		c.rows = append(c.rows, cells)
	}
	return nil
}

func (c *chart) Close() error {
	var labels, numbers []string
	for _, name := range c.names {
		switch {
		case slices.Contains(c.keys, name), c.keys == nil && !c.isNumeric(name):
			labels = append(labels, name)
		case c.isNumeric(name):
			numbers = append(numbers, name)
		}
	}
	if len(numbers) == 0 && len(c.rows) > 0 {
		return errNoNumbers
	}
	var out []byte
	for i, name := range numbers {
		if i > 0 {
			out = append(out, '\n')
		}
		title := name
		if len(labels) > 0 {
			title += " by " + strings.Join(labels, labelJoint)
		}
		out = append(append(out, cut(c.line(title), c.width)...), '\n')
		out = c.appendBars(out, labels, name)
	}
	return c.flush(out, len(c.rows))
}

// Break has nothing to write: half of the bars would be in another scale.
func (c *chart) Break() error { return nil }

// isNumeric says whether a column has numbers and nothing else, as text too: that is how Workfront writes money.
func (c *chart) isNumeric(name string) bool {
	some := false
	for _, row := range c.rows {
		value := row[name]
		if value.Kind() == jsontext.KindNull || value.Kind() == jsontext.KindInvalid {
			continue
		}
		if _, ok := magnitude(value); !ok {
			return false
		}
		some = true
	}
	return some
}

func magnitude(value jsontext.Value) (float64, bool) {
	if value.Kind() != jsontext.KindNumber && value.Kind() != jsontext.KindString {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(appendText(nil, value)), 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

// bar is one line of a chart.
type bar struct {
	label, value string
	size         float64
	drawn        bool // and not just told: it is a number, and no sum of the others
}

func (c *chart) bars(labels []string, name string) []bar {
	bars := make([]bar, len(c.rows))
	for i, row := range c.rows {
		var parts []string
		rollUp := false
		for _, label := range labels {
			text := string(appendText(nil, row[label]))
			rollUp = rollUp || text == rollupKey
			if row[label].Kind() != jsontext.KindNull {
				parts = append(parts, text)
			}
		}
		b := &bars[i]
		b.label, b.value = c.line(strings.Join(parts, labelJoint)), c.line(string(appendText(nil, row[name])))
		b.size, b.drawn = magnitude(row[name])
		b.drawn = b.drawn && !rollUp
	}
	return bars
}

// appendBars lays a column out: labels, bars from a common zero, numbers that stand below each other.
func (c *chart) appendBars(dst []byte, labels []string, name string) []byte {
	bars := c.bars(labels, name)
	labelWidth, valueWidth := 0, 0
	least, most := 0.0, 0.0
	for _, b := range bars {
		labelWidth, valueWidth = max(labelWidth, textWidth(b.label)), max(valueWidth, textWidth(b.value))
		if b.drawn {
			least, most = min(least, b.size), max(most, b.size)
		}
	}
	gaps := 2 * len(tableGap)
	valueWidth = min(valueWidth, max(c.width-gaps-min(labelWidth, leastLabel)-3, 1)) // the number counts before its picture, of which a little is left on each side
	labelWidth = min(labelWidth, max(c.width*2/5, leastLabel), max(c.width-gaps-valueWidth-leastBar, leastLabel))
	room := max(c.width-gaps-labelWidth-valueWidth, 1)
	left := 0 // of the zero
	if least < 0 {
		room-- // the line at zero
		// Each side has room for what it holds, and for a little where it is little.
		left = min(max(int(math.Round(float64(room)*(-least/(most-least)))), 1), room)
		if most > 0 {
			left = min(left, max(room-1, 1))
		}
	}
	perUnit := 0.0
	if most > 0 {
		perUnit = float64(room-left) / most
	}
	if least < 0 && (perUnit == 0 || float64(left)/-least < perUnit) {
		perUnit = float64(left) / -least
	}
	for _, b := range bars {
		label, value := cut(b.label, labelWidth), cut(b.value, valueWidth)
		before, after := 0, 0 // halves of a column
		if halves := int(math.Round(math.Abs(b.size) * perUnit * 2)); b.drawn && b.size != 0 {
			halves = max(halves, 1)
			if b.size < 0 {
				before = min(halves, 2*left)
			} else {
				after = min(halves, 2*(room-left))
			}
		}
		start := len(dst)
		dst = append(append(dst, label...), strings.Repeat(" ", labelWidth-textWidth(label)+len(tableGap))...)
		if least < 0 {
			dst = append(dst, strings.Repeat(" ", left-(before+1)/2)...)
			dst = c.colored(dst, minusColor, strings.Repeat(rightHalf, before%2)+strings.Repeat(fullBlock, before/2))
			dst = append(dst, chartsZero...)
		}
		dst = c.colored(dst, barColor, strings.Repeat(fullBlock, after/2)+strings.Repeat(leftHalf, after%2))
		dst = append(dst, strings.Repeat(" ", room-left-(after+1)/2+len(tableGap)+valueWidth-textWidth(value))...)
		dst = append(dst[:start], bytes.TrimRight(append(dst[start:], value...), " ")...)
		dst = append(dst, '\n')
	}
	return dst
}

func (c *chart) colored(dst []byte, color, text string) []byte {
	if !c.color || text == "" {
		return append(dst, text...)
	}
	return append(append(append(dst, color...), text...), plainColor...)
}
