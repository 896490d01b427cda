module github.com/ambassador-operator/ambassador-operator

go 1.26.0
