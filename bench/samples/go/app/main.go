package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
)

func main() {
	routes := chi.NewRouter()
	routes.Get("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Request-Id", uuid.NewString())
		fmt.Fprintln(w, "Hello 0")
	})
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), routes))
}
