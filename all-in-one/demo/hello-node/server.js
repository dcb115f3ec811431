const express = require('express')

const app = express()

app.get('/', (request, response) => {
  response.type('text').send(`${process.env.GREETING ?? 'Hello, world'}, from ${process.env.WIDEMESH_INSTANCE}\n`)
})

app.listen(process.env.PORT, '0.0.0.0', () => console.log(`listening on ${process.env.PORT}`))
